import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import type { ManualClock, MockCluster } from "../../src/mock/index.js";
import { ndjsonOf, segmentFile } from "../fixtures/journals.js";
import { linesOf, mockToRecord, newDirectory, REPAIR, recordFor, START } from "../fixtures/recorded.js";

let clock: ManualClock;
let mock: MockCluster;
let directory: string;
beforeEach(async () => {
  ({ clock, mock, directory } = await mockToRecord());
  await fetch(`${mock.urls[0]}/task_manager/ttl?ttl=3600`, { method: "POST" });
});

describe("recording to an existing journal", () => {
  test("records the gap, and records no end twice", async () => {
    const done = mock.create(REPAIR);
    const running = mock.create(REPAIR);
    clock.schedule(START + 8_000, () => done.finish(), undefined);
    expect(await recordFor(12, mock, clock, { directory })).toBe("");
    clock.advance(60_000);
    running.fail("no space");
    expect(await recordFor(12, mock, clock, { directory })).toBe("");
    const lines = await linesOf(directory);
    const [gap, ...more] = lines.filter(({ event }) => event === "gap");
    expect(gap).toMatchObject({
      from: "2026-11-24T20:00:12.000Z",
      to: "2026-11-24T20:01:12.000Z",
      reason: "the recorder was stopped",
    });
    expect(more).toEqual([]);
    const ends = lines.flatMap((line) => (line.event === "task_ended" ? [[line.id, line.task.state]] : []));
    expect(ends).toEqual([
      [done.id, "done"],
      [running.id, "failed"],
    ]);
  });

  test("after a kill in a quiet time, the gap begins at the last line", async () => {
    mock.create(REPAIR);
    expect(await recordFor(205, mock, clock, { directory })).toBe("");
    const lines = await linesOf(directory);
    expect(lines.filter(({ event }) => event === "watched")).toEqual(
      ["20:01:00", "20:02:00", "20:03:00"].map((time) => ({ at: `2026-11-24T${time}.000Z`, event: "watched" })),
    );
    expect(lines.pop()?.event).toBe("recording_stopped");
    const killed = newDirectory();
    writeFileSync(join(killed, segmentFile(0)), ndjsonOf(lines));
    clock.advance(60_000);
    expect(await recordFor(2, mock, clock, { directory: killed })).toBe("");
    expect((await linesOf(killed)).filter(({ event }) => event === "gap")).toMatchObject([
      { from: "2026-11-24T20:03:00.000Z", to: "2026-11-24T20:04:25.000Z" },
    ]);
  });

  test("goes on after lines that cannot be read", async () => {
    writeFileSync(join(directory, segmentFile(0)), "no line\n");
    const { id } = mock.create(REPAIR);
    expect(await recordFor(12, mock, clock, { directory })).toBe("");
    const [unreadable, written, ...more] = readdirSync(directory).sort();
    expect([unreadable, more]).toEqual([`${segmentFile(0)}.gz`, []]);
    expect(String(gunzipSync(readFileSync(join(directory, written as string))))).toMatch(
      `"event":"task_seen","node":"127.0.0.1","id":"${id}"`,
    );
  });
});

test("when the clock is set forward, the recorder says so, and the times of tasks do not change", async () => {
  const task = mock.create(REPAIR);
  clock.schedule(START + 25_000, () => task.finish(), undefined);
  const setByMs = () => (clock.nowMs() > START + 15_000 ? 3_600_000 : 0);
  expect(await recordFor(35, mock, clock, { directory }, setByMs)).toBe(
    "warning: the clock was set forward by 1h00m: times recorded before and after that differ by as much\n",
  );
  const end = (await linesOf(directory)).find((line) => line.event === "task_ended");
  expect(end).toMatchObject({ id: task.id, task: { state: "done" } });
});
