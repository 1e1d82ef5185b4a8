import { describe, expect, test } from "vitest";
import { readLine } from "../../src/journal/read-line.js";
import { seen, started, status } from "../fixtures/journals.js";

const LINE = seen(1, status(1));

describe("a line of a journal", () => {
  test("is read back as it was written", () => {
    expect(readLine(LINE)).toBe(LINE);
    expect(readLine(started(0))).toEqual(started(0));
  });

  test("with an event of a newer recorder is ignored", () => {
    expect(readLine({ ...LINE, event: "task_praised" })).toBeUndefined();
  });

  test.each<[unknown, string]>([
    [null, "it is not an object"],
    [[LINE], "it is not an object"],
    ["task_seen", "it is not an object"],
    [{ ...LINE, event: 1 }, "it has no event"],
    [{ ...LINE, at: 1 }, "at is not a time"],
    [{ ...LINE, at: "2026-11-20" }, "at is not a time"],
    [{ ...LINE, id: 1 }, "id is not a string"],
    [{ ...LINE, node: 1 }, "node is not an address"],
    [{ ...started(0), nodes: "10.0.0.1" }, "nodes are not addresses"],
    [{ ...started(0), nodes: [1] }, "nodes are not addresses"],
    [{ ...started(0), tick_seconds: -1 }, "tick_seconds is not a non-negative number"],
    [{ ...started(0), version: 99 }, "it has format version 99, and this version of tasks reads versions up to 1"],
    [{ ...LINE, event: "task_progress", completed: "half", total: 1 }, "completed is not a number"],
    [{ ...LINE, event: "task_ended" }, "within_ms is not a non-negative number"],
  ])("%j is none: %s", (line, reason) => {
    expect(() => readLine(line)).toThrow(reason);
  });
});
