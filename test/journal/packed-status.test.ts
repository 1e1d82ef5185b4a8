import { describe, expect, it } from "vitest";
import type { TaskStatus } from "../../src/client/wire.js";
import { CommonTexts, PackedStatus } from "../../src/journal/packed-status.js";
import { status, taskId, wireTime } from "../fixtures/journals.js";

const texts = new CommonTexts();
const roundTrip = (task: TaskStatus) => JSON.stringify(new PackedStatus(task, texts).unpacked());

describe("a packed status", () => {
  it.each<[string, TaskStatus]>([
    ["of a whole answer", status(1)],
    [
      "with children and a parent",
      status(2, { parent_id: taskId(1), children_ids: [{ task_id: taskId(3), node: "a" }] }),
    ],
    ["with an error of several lines", status(3, { error: "a\nb/c" })],
    ["without most fields", { id: taskId(4), state: "done" }],
    [
      "in another order, with fields that nobody knows",
      { later: { a: [1] }, state: "done", id: taskId(5), also: null },
    ],
    ["with nothing", {}],
  ])("%s is the same, in the same order", (_, task) => {
    expect(roundTrip(task)).toBe(JSON.stringify(task));
    expect(roundTrip(task)).toBe(JSON.stringify(task));
  });

  it.each([
    "1970-01-01T00:00:00Z",
    "2026-02-28T23:59:59Z",
    "2026-02-30T10:00:00Z",
    "2026-01-31T10:00:00Z",
    "2026-11-24T24:00:00Z",
    "2026-11-24T03:12:00.5Z",
    "2026-11-24T03:12:00+02:00",
    "2026-11-24",
    "soon",
    "",
  ])("keeps the time '%s' as it is written", (start_time) => {
    expect(new PackedStatus({ start_time }, texts).unpacked()).toEqual({ start_time });
  });

  it.each([
    ["2026-11-24T03:12:00Z", Date.UTC(2026, 10, 24, 3, 12)],
    ["2026-11-24T03:12:00.5Z", Date.UTC(2026, 10, 24, 3, 12, 0, 500)],
    ["1970-01-01T00:00:00Z", undefined],
    ["soon", undefined],
  ])("tells what the time '%s' is", (time, ms) => {
    const packed = new PackedStatus({ start_time: time, end_time: time }, texts);
    expect([packed.beginMs, packed.endMs]).toEqual([ms, ms]);
    expect(new PackedStatus({}, texts).beginMs).toBeUndefined();
  });

  it.each([
    ["none", undefined],
    [taskId(1), taskId(1)],
  ])("tells the parent that '%s' names", (parent_id, parent) => {
    expect(new PackedStatus({ parent_id }, texts).parent).toBe(parent);
  });

  it.each<[string, TaskStatus]>([
    ["that has one", status(1)],
    ["that had none", { id: taskId(4), state: "running" }],
  ])("takes the progress of a task %s", (_, task) => {
    const packed = new PackedStatus(task, texts);
    packed.sayProgress(3, 7, texts);
    const expected = { ...task, progress_completed: 3, progress_total: 7 };
    expect(JSON.stringify(packed.unpacked())).toBe(JSON.stringify(expected));
  });

  it("is updated in place, and gives each caller its own copy", () => {
    const packed = new PackedStatus(status(1), texts);
    const last = status(1, { state: "failed", error: "disk full", end_time: wireTime(9), progress_completed: 7 });
    packed.say(last, texts);
    const own = packed.unpacked();
    expect(own).toEqual(last);
    own.children_ids?.push({ task_id: taskId(2), node: "a" });
    own.state = "done";
    expect(packed.unpacked()).toEqual(last);
    expect(new PackedStatus(status(6), texts).unpacked()).toEqual(status(6));
  });

  it("keeps apart tasks that differ in one text only, however many are similar", () => {
    const all = Array.from({ length: 30 }, (_, index) => status(index, { error: `error ${index % 12}` }));
    const packed = all.map((task) => new PackedStatus(task, texts));
    expect(packed.map((one) => one.unpacked())).toEqual(all);
  });
});
