import { expect, test } from "vitest";
import { ManualClock } from "../../src/mock/index.js";
import { BEGIN, journalDirectory, journalOf, ndjsonOf, run, segmentFile, started } from "../fixtures/journals.js";
import { LiveRun } from "../fixtures/live-run.js";
import { withMock } from "../fixtures/wait-servers.js";

const REPAIR = { module: "repair", type: "repair", scope: "table", keyspace: "shop", table: "orders" } as const;
/** Four repairs of shop.orders: 60, 80, 100 and 120 s; one of shop.items, and a part of another task. */
const RUNS = [
  started(0),
  ...[60, 80, 100, 120].flatMap((seconds, index) => run(index + 1, index * 200, index * 200 + seconds)),
  ...run(9, 0, 1000, { table: "items" }),
  ...run(10, 0, 5, { parent_id: "00000001-0000-4000-8000-000000000000" }),
];
const NOW = BEGIN + 3600_000;

async function onScreen(args: readonly string[], columns: number, body: (run: LiveRun) => Promise<void>) {
  await withMock(
    async (mock, node) => {
      mock.create(REPAIR);
      mock.create({ ...REPAIR, table: "items" });
      const screen = new LiveRun([...node, "top", ...args], { columns, startMs: NOW + 20_000 });
      await body(screen);
      screen.press("q");
      expect(await screen.end).toBe(0);
    },
    { clock: new ManualClock(NOW) },
  );
}

const rowOf = ({ rows }: LiveRun, what: string) => rows.find((row) => row.includes(what)) ?? "";

test("a wide window shows the range and number of earlier runs, and nothing for a table with too few", async () => {
  await onScreen(["--history", journalOf(RUNS)], 160, async (screen) => {
    await screen.until(/by earlier runs[\s\S]*40 to 80 s \(4 runs\)/);
    expect(rowOf(screen, "shop.items")).toMatch(/^. {0,2}▶ running +repair +shop\.items +repair +20s/);
    // As time passes there is less to go, then it is late.
    for (const [seconds, text] of [
      [60, "at most 20 s"],
      [30, "over most of 4 runs"],
      [60, "over each of 4 runs"],
    ] as const) {
      await screen.clock.sleeperOf(2000);
      screen.clock.advance(seconds * 1000);
      await screen.until((now) => rowOf(now, "shop.orders").includes(text));
    }
  });
});

test("a small window marks the range as an estimate if the rate is not known", async () => {
  await onScreen(["--history", journalOf(RUNS)], 50, async (screen) => {
    await screen.until(/eta[\s\S]*~40-80s/);
    expect(screen.text).not.toContain("by earlier runs");
    screen.press("?");
    await screen.until(/select the task above/);
    screen.press("G");
    await screen.until(/~2-5min +estimated from earlier/);
    screen.press("?s");
    // What has an eta comes before what has none.
    screen.press("s");
    await screen.until(/s eta/);
    expect(screen.rows.findIndex((row) => row.includes("shop.orders"))).toBeLessThan(
      screen.rows.findIndex((row) => row.includes("shop.items")),
    );
  });
});

test("a named journal that does not exist is reported, a missing default one is not", async () => {
  await onScreen(["--history", "/nonexistent"], 120, async (screen) => {
    await screen.until(/no journal '\/nonexistent'/);
  });
});

test("the journal of `tasks record` is found automatically", async () => {
  const home = journalDirectory({ [`scylla-tasks/journal/${segmentFile(0)}`]: ndjsonOf(RUNS) });
  await withMock(
    async (mock, node) => {
      mock.create(REPAIR);
      const screen = new LiveRun([...node, "top"], {
        columns: 160,
        startMs: NOW,
        env: { XDG_STATE_HOME: home },
      });
      await screen.until(/60 to 100 s \(4 runs\)/);
      screen.press("q");
      expect(await screen.end).toBe(0);
    },
    { clock: new ManualClock(NOW) },
  );
});
