import { describe, expect, test } from "vitest";
import { changesBetween, eventLine, rowsById, type WatchEvent } from "../../src/watch/changes.js";
import { expectValid } from "../fixtures/schemas.js";

const AT = "2026-11-24T10:00:00Z";
const A = { task_id: "a", state: "running", type: "repair", scope: "keyspace", keyspace: "shop" };
const B = { id: "b", state: "running", progress_completed: 1, progress_total: 4 };

function changes(before: readonly object[] | undefined, now: readonly object[]): WatchEvent[] {
  const events = [...changesBetween(before && rowsById(before), rowsById(now), AT)];
  for (const event of events) expectValid("watch", event);
  return events;
}

describe("what has changed from one look to the next", () => {
  test("at first, what was there", () => {
    expect(changes(undefined, [A])).toEqual([{ at: AT, event: "task_seen", id: "a", was_there: true, task: A }]);
  });

  test("nothing, if nothing has", () => {
    expect(changes([A, B], [{ ...B }, { ...A }])).toEqual([]);
  });

  test.each<[string, object[], object[], object]>([
    ["a new task", [A], [A, B], { event: "task_seen", id: "b", task: B }],
    ["progress alone", [B], [{ ...B, progress_completed: 2 }], { event: "task_progress", completed: 2, total: 4 }],
    [
      "other fields",
      [A],
      [{ ...A, state: "created", x: [1] }],
      { event: "task_changed", task: { state: "created", x: [1] } },
    ],
    [
      "a field that is gone",
      [A],
      [{ task_id: "a", state: "running", type: "repair", scope: "keyspace" }],
      { event: "task_changed", task: { keyspace: null } },
    ],
    ["an end", [A], [{ ...A, state: "failed" }], { event: "task_ended", task: { ...A, state: "failed" } }],
    ["a task that is gone", [A, B], [A], { event: "task_gone", id: "b" }],
  ])("%s", (_name, before, now, event) => {
    expect(changes(before, now)).toEqual([expect.objectContaining(event)]);
  });

  test("a line has what people need, and nothing in it controls a terminal", () => {
    const [ended] = changes([A], [{ ...A, state: "failed", error: "no space\u001b[2J\nat 0x1", node: "10.0.0.1" }]);
    expect(
      eventLine(ended as WatchEvent, { ...A, state: "failed", error: "no space\u001b[2J\nat 0x1", node: "10.0.0.1" }),
    ).toBe(`${AT} ended     a  failed  repair  keyspace shop  on 10.0.0.1  no space\\x1b[2J`);
    const [progress] = changes([B], [{ ...B, progress_completed: 2 }]);
    expect(eventLine(progress as WatchEvent, { ...B, progress_completed: 2 })).toBe(`${AT} progress  b  running  50%`);
    const beat = { at: AT, event: "heartbeat", tasks: 1, unanswered: ["10.0.0.2"] } as const;
    expectValid("watch", beat);
    expect(eventLine(beat, undefined)).toBe(`${AT} watching  1 task  no answer from 10.0.0.2`);
  });
});
