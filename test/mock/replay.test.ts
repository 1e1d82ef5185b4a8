import { expect, test } from "vitest";
import { parentOf } from "../../src/client/wire.js";
import { TaskFold } from "../../src/journal/fold-tasks.js";
import type { JournalLine } from "../../src/journal/journal-line.js";
import { ManualClock, startMockCluster } from "../../src/mock/index.js";
import { at, ended, NODE, seen, started, status, taskId } from "../fixtures/journals.js";
import { linesOf, newDirectory, recordFor } from "../fixtures/recorded.js";

const START = Date.parse("2026-11-24T20:00:00Z");

async function* batchOf(lines: readonly JournalLine[]) {
  yield lines;
}

/** What a journal has of each task that ended in it, as far as a replay reproduces it. */
function tasksOf(lines: readonly JournalLine[]) {
  const fold = new TaskFold();
  fold.addAll(lines);
  fold.finish();
  const begin = Date.parse(fold.begin as string);
  return new Map(
    [...fold.tasks.values()].map(({ id, node, module, status, isGone, endedMs }) => [
      id,
      {
        node,
        module,
        type: status.type,
        kind: status.kind,
        scope: status.scope,
        keyspace: status.keyspace,
        table: status.table,
        shard: status.shard,
        sequence_number: status.sequence_number,
        parent: parentOf(status),
        state: isGone ? "gone" : status.state,
        error: status.error,
        progress: isGone ? undefined : [status.progress_completed, status.progress_total],
        endedAfterMs: endedMs === undefined ? undefined : endedMs - begin,
      },
    ]),
  );
}

test.each([
  ["default", "latest", 1],
  ["repair", "2025.1", 2],
])(
  "what was recorded of %s on %s is recorded again of its replay",
  async (scenario, release, nodes) => {
    const directories = [newDirectory(), newDirectory()] as const;
    const clock = new ManualClock(START);
    const live = await startMockCluster({ scenario, release, nodes, clock });
    for (const url of live.urls) await fetch(`${url}/task_manager/ttl?ttl=3600`, { method: "POST" });
    await recordFor(75, live, clock, { directory: directories[0], tickMs: 3_000, progressEveryMs: 3_000 });
    await live.stop();
    const lines = await linesOf(directories[0]);

    const later = new ManualClock(START + 86_400_000);
    const replayed = await startMockCluster({ replay: batchOf(lines), clock: later });
    const { scylla_release_version } = { scylla_release_version: await versionOf(replayed.urls[0]) };
    expect(scylla_release_version).toBe(await versionOfRelease(release));
    await recordFor(75, replayed, later, { directory: directories[1], tickMs: 3_000, progressEveryMs: 3_000 });
    await replayed.stop();

    const first = tasksOf(lines);
    const second = tasksOf(await linesOf(directories[1]));
    const hasEnded = [...first.values()].filter(
      ({ state, endedAfterMs }) => state !== "gone" && endedAfterMs !== undefined,
    );
    expect(hasEnded.length).toBeGreaterThan(3);
    let compared = 0;
    for (const [id, task] of first) {
      const again = second.get(id);
      // Its end was not recorded, or it existed for less than a tick.
      if (task.state === "gone" || again === undefined || again.state === "gone") continue;
      const { endedAfterMs, ...fields } = task;
      const { endedAfterMs: endedAgainAfterMs, ...fieldsAgain } = again;
      if (endedAfterMs !== undefined) {
        expect({ id, ...fieldsAgain }).toEqual({ id, ...fields });
        expect(Math.abs(endedAfterMs - (endedAgainAfterMs ?? Number.NaN))).toBeLessThan(5_000);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(hasEnded.length * 0.75);
  },
  60_000,
);

async function versionOf(url = ""): Promise<unknown> {
  return await (await fetch(`${url}/storage_service/scylla_release_version`)).json();
}

async function versionOfRelease(release: string): Promise<unknown> {
  const mock = await startMockCluster({ scenario: "idle", release });
  try {
    return await versionOf(mock.urls[0]);
  } finally {
    await mock.stop();
  }
}

test("a node goes down and comes back as recorded: lost tasks are gone, and unreachable ones are there again", async () => {
  const lost = status(1);
  const kept = status(2, { start_time: at(1).replace(".000", "") });
  const part = status(3, { parent_id: taskId(2), scope: "shard" });
  const lines: JournalLine[] = [
    started(0, { releases: { [NODE]: "2026.2.5-0.20260901" }, nodes: [NODE, "10.0.0.2"] }),
    seen(1, lost),
    seen(1, kept),
    seen(2, part),
    { at: at(10), event: "node_lost", node: NODE, reason: "refused" },
    { at: at(20), event: "node_back", node: NODE, since: at(10) },
    { at: at(20), event: "task_gone", node: NODE, id: taskId(1), within_ms: 10_000 },
    ended(25, { ...part, state: "failed", error: "no space" }),
    ended(30, { ...kept, state: "failed", error: "a part failed" }),
  ];
  const clock = new ManualClock(START);
  const mock = await startMockCluster({ replay: batchOf(lines), clock });
  try {
    const [first = "", second = ""] = mock.urls;
    const ask = async (url: string, path: string) => await (await fetch(`${url}/task_manager/${path}`)).json();
    const ids = async () =>
      ((await ask(first, "list_module_tasks/repair")) as { task_id: string }[]).map(({ task_id }) => task_id);
    const pass = async (seconds: number) => {
      clock.advance(seconds * 1000);
      // Listeners open and close with their nodes.
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    };
    await pass(5);
    expect((await ids()).sort()).toEqual([taskId(1), taskId(2)]);
    expect(await ask(first, `task_status_recursive/${taskId(2)}`)).toMatchObject([{}, { id: taskId(3) }]);
    await pass(10);
    await expect(fetch(first)).rejects.toThrow();
    expect(await (await fetch(`${second}/gossiper/endpoint/down/`)).json()).toEqual(["127.0.0.1"]);
    await pass(6);
    expect(await ids()).toEqual([taskId(2)]);
    const begun = new Date(START + 1000).toISOString().replace(".000", "");
    expect(await ask(first, `task_status/${taskId(2)}`)).toMatchObject({ state: "running", start_time: begun });
    const wait = ask(first, `wait_task/${taskId(2)}`);
    await pass(10);
    expect(await wait).toMatchObject({
      state: "failed",
      error: "a part failed",
      children_ids: [{ task_id: taskId(3) }],
    });
    expect(await ask(first, `task_status_recursive/${taskId(2)}`)).toMatchObject([
      {},
      { state: "failed", error: "no space" },
    ]);
    const abort = await fetch(`${first}/task_manager/abort_task/${taskId(1)}`, { method: "POST" });
    expect(abort.status).toBe(400);
  } finally {
    await mock.stop();
  }
});

test("an empty journal is refused, and so are options that the journal decides", async () => {
  await expect(startMockCluster({ replay: batchOf([]) })).rejects.toThrow("the journal holds nothing to replay");
  const replay = () => batchOf([started(0)]);
  await expect(startMockCluster({ replay: replay(), scenario: "idle" })).rejects.toThrow(/either replay or scenario/);
  await expect(startMockCluster({ replay: replay(), nodes: 2 })).rejects.toThrow(/either replay or nodes/);
});

test("finished tasks are kept as long as on the recorded nodes: those of users longer than others", async () => {
  const ttls = { [NODE]: { ttl: 0, user_ttl: 60 }, "10.0.0.2": { ttl: 20, user_ttl: 20 } };
  const task = (number: number, node: string, type: string) => {
    const one = status(number, { type });
    return [
      { ...seen(1, one), node },
      { ...ended(10, { ...one, state: "done" }), node },
    ];
  };
  const lines: JournalLine[] = [
    started(0, { nodes: [NODE, "10.0.0.2"], ttls }),
    ...task(1, NODE, "repair"),
    ...task(2, NODE, "reshaping compaction"),
    ...task(3, "10.0.0.2", "reshaping compaction"),
  ];
  const clock = new ManualClock(START);
  const mock = await startMockCluster({ replay: batchOf(lines), clock });
  try {
    const kept = async (seconds: number) => {
      clock.advance(seconds * 1000);
      const lists = mock.urls.map(async (url) => (await fetch(`${url}/task_manager/list_module_tasks/repair`)).json());
      const rows = (await Promise.all(lists)).flat() as { readonly task_id: string }[];
      return rows.map(({ task_id }) => task_id);
    };
    expect(await kept(9)).toEqual([1, 2, 3].map(taskId));
    expect(await kept(2)).toEqual([taskId(1), taskId(3)]);
    expect(await kept(20)).toEqual([taskId(1)]);
    expect(await kept(60)).toEqual([]);
  } finally {
    await mock.stop();
  }
});
