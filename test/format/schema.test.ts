import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { expectValid, SCHEMA_NAMES, schemaErrors } from "../fixtures/schemas.js";

test("every schema is valid", () => {
  for (const name of SCHEMA_NAMES) expect(schemaErrors(name, null), name).not.toEqual([]);
});

const directory = mkdtempSync(join(tmpdir(), "tasks-schema-"));
const config = join(directory, "config.yaml");
writeFileSync(config, "current: a\ncontexts:\n  a: {port: 10001}\n  b: {url: 'http://127.0.0.1:1'}\n");
const mocks: Partial<Record<"seed" | "current", MockCluster>> = {};

beforeAll(async () => {
  const start = async (generation: "seed" | "current") => {
    mocks[generation] = await startMockCluster({ generation, nodes: 2 });
  };
  await Promise.all([start("seed"), start("current")]);
});

afterAll(async () => {
  await Promise.all(Object.values(mocks).map((mock) => mock.stop()));
  rmSync(directory, { recursive: true });
});

async function jsonOf(generation: "seed" | "current", args: readonly string[]): Promise<unknown> {
  const url = ["--url", mocks[generation]?.urls[0] as string];
  const { stdout, stderr, code } = await runInProcess([...url, ...args, "--json"], { TASKS_CONFIG: config });
  expect([stderr, code]).toEqual(["", 0]);
  return JSON.parse(stdout);
}

const firstId = async (generation: "seed" | "current", ...filter: string[]) => {
  const [row] = (await jsonOf(generation, ["list", "--all", "--limit", "1", ...filter])) as object[];
  return (row as { task_id: string }).task_id;
};

describe.concurrent.each(["seed", "current"] as const)("output of the %s generation", (generation) => {
  test.each<[string, string[]]>([
    ["list", ["list", "--all", "--internal"]],
    ["list", ["list", "--all", "--all-nodes"]],
    ["tree", ["tree", "--state", "!done"]],
    ["fields", ["list", "--all", "--fields", "module,task_id,start_time,duration_seconds,age_seconds"]],
    ["fields", ["tree", "--state", "running", "--fields", "id,children_ids,children_ids.node,progress_percent"]],
  ])("%s.json describes %j", async (schema, args) => {
    expectValid(schema, await jsonOf(generation, args));
  });

  test("status.json, tree.json and wait.json describe one task", async () => {
    const id = await firstId(generation, "--state", "running");
    expectValid("status", await jsonOf(generation, ["status", id]));
    expectValid("tree", await jsonOf(generation, ["tree", id]));
    const done = await firstId(generation, "--state", "done", "--type", "major compaction");
    expectValid("wait", await jsonOf(generation, ["wait", done]));
  });
});

describe.concurrent("output that is the same in every generation", () => {
  test.each<[string, string[]]>([
    ["modules", ["modules"]],
    ["modules", ["modules", "--all-nodes"]],
    ["ttl", ["ttl"]],
    ["user-ttl", ["user-ttl", "--all-nodes"]],
    ["count", ["list", "compaction", "--count", "--all-nodes"]],
    ["tree", ["tree", "--all-nodes", "--state", "running"]],
    ["doctor", ["doctor"]],
    ["version", ["version"]],
    ["version", ["version", "--all-nodes"]],
    ["drain", ["drain", "--all-nodes", "--module", "repair"]],
    ["list", ["abort", "--all-nodes", "--module", "repair", "--dry-run"]],
    ["context-list", ["context", "list"]],
    ["context-show", ["context", "show", "b"]],
    ["context-show", ["context", "show", "--effective"]],
  ])("%s.json describes %j", async (schema, args) => {
    expectValid(schema, await jsonOf("current", args));
  });

  test("start.json describes a task that was started", async () => {
    expectValid("start", await jsonOf("current", ["start", "cleanup", "shop"]));
  });
});

test("a field of another type, or one that was not requested, is not valid output", () => {
  const isValid = (schema: string, value: unknown) => schemaErrors(schema, value).length === 0;
  expect(isValid("list", [{ task_id: 1 }])).toBe(false);
  expect(isValid("list", [{ start_time: "1970" }])).toBe(false);
  expect(isValid("list", [{ task_id: "a", sent_by_newer: 1 }])).toBe(true);
  expect(isValid("status", { id: "a" })).toBe(false);
  expect(isValid("modules", { nodes: [] })).toBe(false);
  expect(isValid("fields", [{ duration: 1 }])).toBe(false);
});
