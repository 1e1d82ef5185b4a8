import { describe, expect, test } from "vitest";
import { connectOver } from "../../src/client/connect.js";
import { createHttpEngine } from "../../src/client/http-engine.js";
import { HttpStatusError, startAndFollow, UsageError, type Work, type WorkEvent } from "../../src/index.js";
import type { MockCluster } from "../../src/mock/index.js";
import { startsOf, withMock } from "../operations/stage.js";

/** A repair takes a second, so that it is seen on its way. */
const SLOWER = { speed: 100 };

async function follow(mock: MockCluster, work: Work, options = {}) {
  const client = await connectOver(createHttpEngine, { url: mock.urls[0] as string });
  const events: WorkEvent[] = [];
  try {
    const results = await startAndFollow(client, work, {
      progressIntervalMs: 5,
      ...options,
      onEvent: (event) => events.push(event),
    });
    return { results, events };
  } finally {
    await client.close();
  }
}

describe.concurrent("startAndFollow", () => {
  test("tells of each part's start, progress and end", async () => {
    await withMock(async (mock) => {
      const { results, events } = await follow(mock, { operation: "repair", arguments: ["telemetry"] });
      expect(results.map(({ part, result }) => [part.table, result.kind])).toEqual([
        ["readings", "done"],
        ["devices", "done"],
        ["readings_by_day", "nothing to do"],
      ]);
      const ofReadings = events.filter(({ part }) => part.table === "readings");
      expect(ofReadings[0]).toMatchObject({ kind: "started", taskId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
      expect(ofReadings[1]).toMatchObject({ kind: "progress", status: { type: "user_repair", progress_total: 8 } });
      expect(ofReadings.at(-1)).toMatchObject({ kind: "ended", result: { kind: "done" } });
      expect(startsOf(mock)).toHaveLength(3);
    }, SLOWER);
  });

  test("stops at the first part that does not end well, unless it is to go on", async () => {
    await withMock(async (mock) => {
      mock.addFault({ path: "/storage_service/tablets/repair", count: 1, task: { abortedAfterSeconds: 1 } });
      const { results } = await follow(mock, { operation: "repair", arguments: ["telemetry"] });
      expect(results.map(({ result }) => result.kind)).toEqual(["failed"]);
    });
    await withMock(async (mock) => {
      mock.addFault({ path: "/storage_service/tablets/repair", count: 1, task: { abortedAfterSeconds: 1 } });
      const { results } = await follow(mock, { operation: "repair", arguments: ["telemetry"] }, { keepGoing: true });
      expect(results.map(({ result }) => result.kind)).toEqual(["failed", "done", "nothing to do"]);
    });
  });

  test("follows a call that answers at its end by its task, when its connection breaks", async () => {
    await withMock(async (mock) => {
      mock.addFault({ path: "/storage_service/decommission", isAnswerLost: true, task: { runsSeconds: 300 } });
      const { results, events } = await follow(mock, { operation: "decommission" });
      expect(results).toMatchObject([{ result: { kind: "done", status: { type: "decommission" } } }]);
      expect(events[0]).toMatchObject({ kind: "started" });
      expect(startsOf(mock)).toEqual(["POST /storage_service/decommission"]);
    });
  });

  test("throws what is not to be started, and what was refused", async () => {
    await withMock(async (mock) => {
      await expect(follow(mock, { operation: "nothing" })).rejects.toThrow(
        "unknown operation 'nothing': expected one of repair, ",
      );
      await expect(follow(mock, { operation: "repair" })).rejects.toThrow(UsageError);
      expect(startsOf(mock)).toEqual([]);
      await expect(follow(mock, { operation: "cleanup", arguments: ["none"] })).rejects.toThrow(HttpStatusError);
    });
  });
});
