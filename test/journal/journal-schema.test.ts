import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { toJsonSchema } from "@valibot/to-json-schema";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { journalLineSchema } from "../../src/journal/journal-schema.js";
import { at, ended, NODE, seen, started, status, taskId } from "../fixtures/journals.js";

const file = new URL("../../schema/journal.schema.json", import.meta.url);

describe("the JSON Schema of journals", async () => {
  const validate = new Ajv({ strict: true, allErrors: true }).compile(JSON.parse(await readFile(file, "utf8")));

  test("is generated: `npx vitest run -u` on this file updates it", async () => {
    const schema = toJsonSchema(journalLineSchema, { ignoreActions: ["readonly"] });
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(fileURLToPath(file));
  });

  const about = { at: at(1), node: NODE, id: taskId(1) };
  test.each([
    started(0, { cluster: "shop", releases: { [NODE]: "2026.2.5" } }),
    seen(1, status(1), { was_there: true }),
    seen(1, { id: taskId(1), a_field_of_tomorrow: { deep: [1] } }),
    { ...about, event: "task_progress", completed: 1, total: 2 },
    { ...about, event: "task_changed", task: { state: "running" } },
    ended(2, { ...status(1), state: "failed", error: "no space" }),
    { ...about, event: "task_gone", node: null, within_ms: 10_000 },
    { at: at(3), event: "node_lost", node: NODE, reason: "connection refused" },
    { at: at(4), event: "node_back", node: NODE, since: at(3) },
    { at: at(5), event: "gap", from: at(4), to: at(5), reason: "the recorder was stopped" },
    { at: at(6), event: "watched" },
    { at: at(6), event: "recording_stopped" },
  ])("accepts %j", (line) => {
    expect([validate(line), validate.errors]).toEqual([true, null]);
  });

  test.each([
    {},
    { at: "yesterday", event: "recording_stopped" },
    { at: at(0), event: "unheard_of" },
    { ...about, event: "task_gone" },
    { ...about, event: "task_ended", task: {}, within_ms: -1 },
    { at: at(0), event: "task_seen", id: taskId(1), module: "repair", task: {} },
  ])("refuses %j", (line) => {
    expect(validate(line)).toBe(false);
  });
});
