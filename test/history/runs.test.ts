import { describe, expect, it } from "vitest";
import { KnownTables, lastSuccesses } from "../../src/history/last-success.js";
import { type RunQuery, readHistory } from "../../src/history/runs.js";
import type { JournalLine } from "../../src/journal/journal-line.js";
import { taskFilter } from "../../src/tasks/filter.js";
import {
  at,
  BEGIN,
  ended,
  journalDirectory,
  journalOf,
  NODE,
  ndjsonOf,
  run,
  seen,
  segmentFile,
  started,
  status,
  taskId,
  wireTime,
} from "../fixtures/journals.js";

const read = async (journal: string, query: RunQuery = {}) => [
  ...(await readHistory(journal, query, { leftOut: new Set() })).runs,
];
const runsOf = async (lines: readonly JournalLine[], query: RunQuery = {}) =>
  (await read(journalOf([started(0), ...lines]), query)).map((each) => ({
    number: Number.parseInt(each.id.slice(0, 8), 16),
    state: each.status.state,
    from: each.startMs === undefined ? undefined : (each.startMs - BEGIN) / 1000,
    to: (each.endMs - BEGIN) / 1000,
    seconds: each.durationMs === undefined ? undefined : each.durationMs / 1000,
    within: each.withinMs / 1000,
  }));

const EPOCH = "1970-01-01T00:00:00Z";
const UNTIMED = { start_time: EPOCH, end_time: EPOCH };

describe("the runs of a journal", () => {
  it("uses the server's times of a run if there are any", async () => {
    expect(await runsOf(run(1, 5, 65))).toEqual([
      { number: 1, state: "done", from: 5, to: 65, seconds: 60, within: 0 },
    ]);
  });

  it("otherwise uses the times when it was seen, to within a tick", async () => {
    const task = status(1, UNTIMED);
    const lines = [seen(10, task), ended(70, { ...task, state: "done" }, { within_ms: 4000 })];
    expect(await runsOf(lines)).toEqual([{ number: 1, state: "done", from: 10, to: 70, seconds: 60, within: 14 }]);
  });

  it("leaves out a part that was first seen in a list, which does not name its parent", async () => {
    const { parent_id: _, ...listed } = status(1);
    const part = status(1, { parent_id: taskId(2) });
    const lines = [seen(5, listed), ended(70, { ...part, state: "done" })];
    expect(await runsOf(lines)).toEqual([]);
    // A segment with other tasks would tell that it has gone, if its end had not been read.
    expect(await runsOf([...lines, started(100), seen(101, status(3))])).toEqual([]);
    expect(await runsOf(lines, { internal: true })).toMatchObject([{ number: 1, state: "done" }]);
  });

  it("takes both times from the same clock if the server's and the recorder's differ", async () => {
    const gone = { at: at(70), event: "task_gone", node: NODE, id: taskId(1), within_ms: 4000 } as const;
    const ahead = status(1, { start_time: wireTime(3600) });
    expect(await runsOf([seen(10, ahead, { within_ms: 5000 }), gone])).toMatchObject([
      { from: 10, to: 70, seconds: 60, within: 9 },
    ]);
    expect(await runsOf([seen(10, ahead, { was_there: true }), gone])).toMatchObject([{ seconds: undefined }]);
    // It was made long before it began.
    const waiting = seen(10, status(1, { ...UNTIMED, state: "created" }), { within_ms: 5000 });
    const begins = {
      at: at(50),
      event: "task_changed",
      node: NODE,
      id: taskId(1),
      task: { start_time: wireTime(45) },
    } as const;
    expect(await runsOf([waiting, begins, gone])).toMatchObject([{ from: 45, seconds: 25, within: 4 }]);
  });

  it("does not take the time of the answer as the end of a tablet task", async () => {
    const task = { ...status(1, { start_time: wireTime(10), kind: "cluster", type: "user_repair" }) };
    const about = { node: null, module: "tablets" } as const;
    const end = ended(70, { ...task, state: "done", end_time: wireTime(70) }, { within_ms: 8000 });
    expect(
      await runsOf([
        { ...seen(10, task), ...about },
        { ...end, node: null },
      ]),
    ).toMatchObject([{ from: 10, to: 70, seconds: 60, within: 8 }]);
  });

  it("has one run for a task that was recorded as gone and is seen again", async () => {
    const gone = { at: at(30), event: "task_gone", node: NODE, id: taskId(1), within_ms: 4000 } as const;
    const [first, end] = run(1, 5, 65);
    expect(await runsOf([first, gone, { ...first, at: at(40) }, end])).toEqual([
      { number: 1, state: "done", from: 5, to: 65, seconds: 60, within: 0 },
    ]);
  });

  it("has no duration for a run whose begin nobody saw", async () => {
    const task = status(1, UNTIMED);
    expect(await runsOf([seen(0, task, { was_there: true }), ended(70, { ...task, state: "done" })])).toMatchObject([
      { from: undefined, to: 70, seconds: undefined, within: 0 },
    ]);
  });

  it("has the state `gone` for a run whose end nobody saw", async () => {
    const gone = { at: at(50), event: "task_gone", node: NODE, id: taskId(1), within_ms: 10_000 } as const;
    expect(await runsOf([seen(0, status(1)), gone])).toEqual([
      { number: 1, state: "gone", from: 0, to: 50, seconds: 50, within: 10 },
    ]);
  });

  it("leaves out running tasks, parts of other tasks, and tasks that the server starts itself", async () => {
    const lines = [
      seen(0, status(1)),
      ...run(2, 0, 10, { parent_id: taskId(1) }),
      ...run(3, 0, 10, { type: "regular compaction" }),
      ...run(4, 0, 10),
    ];
    expect((await runsOf(lines)).map(({ number }) => number)).toEqual([4]);
    expect((await runsOf(lines, { internal: true })).map(({ number }) => number)).toEqual([2, 3, 4]);
  });

  it("counts a run once, however many segments name it", async () => {
    const task = status(1);
    const [, end] = run(1, 0, 10);
    const journal = journalDirectory({
      [segmentFile(0)]: ndjsonOf([started(0), seen(0, task)]),
      [segmentFile(5)]: ndjsonOf([started(5), seen(5, task, { was_there: true }), end]),
      [segmentFile(20)]: ndjsonOf([started(20), seen(20, end.task, { was_there: true })]),
    });
    const runs = await read(journal);
    expect(runs).toHaveLength(1);
    expect(runs).toMatchObject([{ durationMs: 10_000, endMs: BEGIN + 10_000 }]);
  });

  it("has two runs for an id that was used again", async () => {
    const again = [...run(1, 0, 10), ...run(1, 100, 130)];
    expect((await runsOf(again)).map(({ seconds }) => seconds)).toEqual([10, 30]);
  });

  it("treats a task that a later segment does not name as ended, unless its node does not answer", async () => {
    const lost = { at: at(15), event: "node_lost", node: "10.0.0.2", reason: "refused" } as const;
    const journal = journalDirectory({
      [segmentFile(0)]: ndjsonOf([started(0), seen(0, status(1)), seen(0, status(2), { node: "10.0.0.2" }), lost]),
      [segmentFile(20)]: ndjsonOf([started(20), ...run(3, 20, 30)]),
    });
    expect((await read(journal)).map(({ id, status: { state }, endMs }) => [id, state, endMs - BEGIN])).toEqual([
      [taskId(1), "gone", 20_000],
      [taskId(3), "done", 30_000],
    ]);
    // The segment that was just begun names nothing yet.
    const begun = journalDirectory({
      [segmentFile(0)]: ndjsonOf([started(0), seen(0, status(1))]),
      [segmentFile(20)]: ndjsonOf([started(20)]),
    });
    expect(await read(begun)).toEqual([]);
  });

  it("keeps fields that a server drops once a task has ended", async () => {
    const task = status(1, { type: "user_repair", kind: "cluster", scope: "table" });
    const last = { ...task, ...UNTIMED, type: "", scope: "", state: "done" as const };
    const cluster = { node: null };
    const [only] = await read(journalOf([started(0), seen(0, task, cluster), ended(60, last, cluster)]));
    expect(only).toMatchObject({ status: { type: "user_repair" }, startMs: BEGIN, endMs: BEGIN + 60_000 });
  });

  it("finds runs by their properties, their node, and their end", async () => {
    const lines = [
      ...run(1, 0, 10),
      ...run(2, 0, 20, { keyspace: "shop", table: "items", type: "cleanup compaction", state: "failed" }),
      ...run(3, 0, 30).map((line) => ({ ...line, node: "10.0.0.2", module: "compaction" }) as JournalLine),
    ];
    const numbers = async (query: RunQuery) => (await runsOf(lines, query)).map(({ number }) => number);
    const byType = taskFilter(
      {
        patterns: new Map([["type", { keep: ["*compaction"], drop: [] }]]),
        olderThanMs: undefined,
        newerThanMs: undefined,
      },
      0,
    );
    expect(await numbers({ table: "items" })).toEqual([2]);
    expect(await numbers({ keyspace: "shop", table: "orders" })).toEqual([1, 3]);
    expect(await numbers({ node: "10.0.0.2" })).toEqual([3]);
    expect(await numbers({ module: "compaction" })).toEqual([3]);
    expect(await numbers({ filter: byType })).toEqual([2]);
    expect(await numbers({ sinceMs: BEGIN + 20_000 })).toEqual([2, 3]);
    expect(await numbers({ untilMs: BEGIN + 20_000 })).toEqual([1, 2]);
  });
});

describe("lastSuccesses", () => {
  it("lists the last success of each table, tables without one first", async () => {
    const tables = new KnownTables();
    for (const table of ["orders", "items", "carts"]) tables.see("shop", table);
    tables.see("system", "local");
    const runs = await read(
      journalOf([
        started(0),
        ...run(1, 0, 10),
        ...run(2, 20, 30),
        ...run(3, 40, 50, { state: "failed" }),
        ...run(4, 0, 15, { table: "items" }),
        ...run(5, 0, 20, { keyspace: "logs", table: "" }),
      ]),
    );
    expect(
      lastSuccesses(runs, tables).map(({ keyspace, table, run: last, namesTable }) => [
        `${keyspace}.${table}`,
        last && (last.endMs - BEGIN) / 1000,
        namesTable,
      ]),
    ).toEqual([
      ["shop.carts", undefined, false],
      ["shop.items", 15, true],
      ["logs.", 20, false],
      ["shop.orders", 30, true],
    ]);
  });

  it("counts a run on a keyspace for each of its tables", async () => {
    const runs = await read(journalOf([started(0), ...run(1, 0, 10), ...run(2, 20, 30, { table: "" })]));
    expect(lastSuccesses(runs)).toMatchObject([{ table: "orders", run: { id: taskId(2) }, namesTable: false }]);
  });
});
