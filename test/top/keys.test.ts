import { describe, expect, test } from "vitest";
import type { MockCluster } from "../../src/mock/index.js";
import { LiveRun } from "../fixtures/live-run.js";
import { chosen, ESC, nextLook, onTop, TOP_NOW, tables } from "../fixtures/top-screen.js";
import { COMPACTION } from "../fixtures/wait-servers.js";

const onTable = (table: string, more = {}) => ({ ...COMPACTION, table, isUserTask: true, ...more });

const otherRun = (mock: MockCluster) => new LiveRun(["--url", mock.urls[0] as string, "top"], { startMs: TOP_NOW });

describe("selecting", () => {
  test("goes by rows, by pages and to both ends", async () => {
    const create = (mock: { create(task: ReturnType<typeof onTable>): unknown }) => {
      for (let index = 0; index < 60; index++) mock.create(onTable(`t${String(index).padStart(2, "0")}`));
    };
    await onTop({}, create, async (screen) => {
      await screen.until(/1\/60$/);
      screen.press("ssss");
      await screen.until(/s place/);
      for (const [keys, place] of [
        [`${ESC}[B`, 2],
        ["j", 3],
        ["k", 2],
        [`${ESC}[A`, 1],
        [`${ESC}[6~`, 20],
        [`${ESC}[5~`, 1],
        ["G", 60],
        ["g", 1],
        [`${ESC}[F`, 60],
        [`${ESC}[H`, 1],
        ["\u0004", 20],
        ["\u0015", 1],
        ["k", 1],
        ["jjjjjjjjjjjjjjjjjjjjjjj", 24],
      ] as const) {
        screen.press(keys);
        await screen.until(({ text }) => text.endsWith(` ${place}/60`));
        expect(chosen(screen)).toContain(`shop.t${String(place - 1).padStart(2, "0")}`);
      }
    });
  });

  test("follows the task while others appear, and takes the one in its place when it is gone", async () => {
    await onTop(
      {},
      (mock) => {
        for (const table of ["b", "d", "f"]) mock.create({ ...COMPACTION, table });
      },
      async (screen, mock) => {
        await screen.until(/\/3$/);
        screen.press("ssssj");
        await screen.until((now) => chosen(now).includes("shop.d"));
        mock.create({ ...COMPACTION, table: "a" });
        const last = mock.create({ ...COMPACTION, table: "c" });
        await nextLook(screen);
        expect(tables(screen)).toEqual(["a", "b", "c", "d", "f"]);
        expect(chosen(screen)).toContain("shop.d");
        screen.press("k");
        await screen.until((now) => chosen(now).includes("shop.c"));
        last.finish();
        mock.clock.advance(3600_000);
        await nextLook(screen);
        expect(tables(screen)).toEqual(["a", "b", "d", "f"]);
        expect(chosen(screen)).toContain("shop.d");
      },
    );
  });

  test("by mouse, if enabled: a click selects, a second one opens, the wheel moves", async () => {
    await onTop(
      { more: ["--mouse"], columns: 100 },
      (mock) => {
        for (let index = 0; index < 9; index++) mock.create(onTable(`t${index}`));
      },
      async (screen) => {
        await screen.until(/1\/9$/);
        screen.press("ssss");
        await screen.until(/s place/);
        screen.press(`${ESC}[<0;5;6M`);
        await screen.until((now) => chosen(now).includes("shop.t2"));
        // Above the list, and below what it holds.
        screen.press(`${ESC}[<0;5;1M${ESC}[<0;5;20M${ESC}[<65;5;6M`);
        await screen.until((now) => chosen(now).includes("shop.t5"));
        screen.press(`${ESC}[<64;5;6M`);
        await screen.until((now) => chosen(now).includes("shop.t2"));
        screen.press(`${ESC}[<0;5;6M`);
        await screen.until(/esc back/);
        screen.press(`${ESC}[<0;5;6M${ESC}[<65;5;6M${ESC}[<64;5;6M`);
        screen.press(ESC);
        await screen.until(/q quit/);
      },
    );
  });
});

describe("order", () => {
  test("running tasks come first, sorted by age, progress, eta, type or place", async () => {
    await onTop(
      { columns: 120 },
      (mock) => {
        const half = mock.create(onTable("half", { type: "z compaction", progressUnits: "bytes" }));
        half.reportProgress(512, 1024);
        mock.create(onTable("queued", { type: "a compaction", isQueued: true }));
        mock.clock.advance(60_000);
        mock.create(onTable("begun", { type: "b compaction", progressUnits: "bytes" })).reportProgress(10, 1000);
        mock.create(onTable("over", { type: "c compaction" })).finish();
        mock.create(onTable("broken", { type: "d compaction" })).fail("disk full");
      },
      async (screen, mock) => {
        await screen.until(/5$/);
        const inOrder = async (sort: string, order: string[]) => {
          await screen.until(({ text }) => text.includes(`s ${sort} `));
          expect(tables(screen).filter((table) => table !== "" && table !== "broken")).toEqual(order);
        };
        await inOrder("age", ["half", "begun", "queued", "over"]);
        screen.press("s");
        await inOrder("progress", ["half", "begun", "queued", "over"]);
        screen.press("s");
        await inOrder("eta", expect.arrayContaining(["half", "begun", "queued", "over"]) as unknown as string[]);
        screen.press("s");
        await inOrder("type", ["begun", "half", "queued", "over"]);
        screen.press("s");
        await inOrder("place", ["begun", "half", "queued", "over"]);
        screen.press("s");
        await inOrder("age", ["half", "begun", "queued", "over"]);
        expect(mock.requests.length).toBeGreaterThan(0);
      },
    );
  });

  test("the eta comes from the rate, and the earliest end comes first", async () => {
    await onTop(
      { columns: 130 },
      () => {},
      async (screen, mock) => {
        await screen.until(/no tasks/);
        const slow = mock.create(onTable("slow", { progressUnits: "bytes" }));
        const fast = mock.create(onTable("fast", { progressUnits: "bytes" }));
        screen.press("ss");
        for (let step = 1; step <= 3; step++) {
          slow.reportProgress(step * 1024, 1024 * 100);
          fast.reportProgress(step * 1024 * 10, 1024 * 100);
          await nextLook(screen);
        }
        expect(tables(screen)).toEqual(["fast", "slow"]);
        // 10 KiB in 2 s, 70 KiB to go.
        expect(screen.text).toMatch(/shop\.fast .* 30% +5\.0 KiB\/s +14s /);
        expect(screen.text).toMatch(/shop\.slow .* 3% +512 bytes\/s +3m14s /);
      },
    );
  });

  test("n groups tasks by node, m by module", async () => {
    await onTop(
      { args: ["-a"], mock: { nodes: 2 }, columns: 120 },
      (mock) => {
        mock.create(onTable("one", { node: 0 }));
        mock.create(onTable("two", { node: 1 })).finish();
        mock.create({ module: "repair", type: "repair", scope: "keyspace", keyspace: "shop", table: "three", node: 1 });
      },
      async (screen) => {
        await screen.until(/2 of 2 nodes answer[\s\S]*3$/);
        screen.press("n");
        await screen.until(/^127\.0\.0\.1 {2}1 task, 1 running$/m);
        expect(screen.text).toMatch(/^127\.0\.0\.2 {2}2 tasks, 1 running$/m);
        expect(tables(screen)).toEqual(["one", "three", "two"]);
        screen.press("jj");
        await screen.until((now) => chosen(now).includes("shop.two"));
        screen.press("m");
        await screen.until(/^repair {2}1 task, 1 running$/m);
        expect(screen.text).toMatch(/^compaction {2}2 tasks, 1 running$/m);
        expect(chosen(screen)).toContain("shop.two");
        screen.press("m");
        await screen.until(({ text }) => !/^repair {2}1 task/m.test(text));
      },
    );
  });
});

describe("the filter", () => {
  const three = (mock: { create(task: ReturnType<typeof onTable>): unknown }) => {
    for (const table of ["red", "green", "blue"]) mock.create(onTable(table));
  };

  test("applies while it is typed, is kept by enter, and cleared by esc", async () => {
    await onTop({}, three, async (screen) => {
      await screen.until(/3$/);
      screen.press("/re");
      await screen.until((now) => tables(now).length === 2 && /^\/re/m.test(now.text));
      screen.press("d");
      await screen.until((now) => tables(now).join() === "red");
      screen.press("\u007f");
      await screen.until((now) => tables(now).length === 2);
      screen.press(`${ESC}[B`);
      await screen.until((now) => chosen(now) !== "");
      screen.press(`${ESC}[A\r`);
      await screen.until(/^\/re {2}enter tree/m);
      screen.press("/\u0015nothing");
      await screen.until(/no task matches nothing/);
      screen.press("\u0015!red");
      await screen.until((now) => tables(now).length === 2 && !now.text.includes("shop.red"));
      screen.press(`\r${ESC}`);
      await screen.until((now) => tables(now).length === 3);
      screen.press(`/${ESC}[200~ blue ${ESC}[201~`);
      await screen.until((now) => tables(now).join() === "blue");
      screen.press(ESC);
      await screen.until((now) => tables(now).length === 3 && now.text.includes("q quit"));
    });
  });

  test("longer than the window shows its end", async () => {
    await onTop({ columns: 30 }, three, async (screen) => {
      await screen.until(/3$/);
      screen.press(`/${"x".repeat(40)}end`);
      await screen.until(/^\/x+end$/m);
      expect(Math.max(...screen.rows.map((row) => row.length))).toBeLessThanOrEqual(30);
      screen.press(ESC);
      await screen.until(/^3 running[\s\S]*shop\.red/m);
    });
  });
});

describe("actions on a task", () => {
  test("p: no requests are sent while paused", async () => {
    await onTop(
      {},
      (mock) => mock.create(onTable("one")),
      async (screen, mock) => {
        await screen.until(/shop\.one/);
        screen.press("p");
        await screen.until(/paused/);
        mock.clearRequests();
        mock.create(onTable("two"));
        await screen.pass(2000);
        await screen.pass(2000);
        expect(mock.requests).toEqual([]);
        screen.press("p");
        await screen.until(/shop\.two/);
        expect(screen.text).toMatch(/every 2s$/m);
      },
    );
  });

  test("w: rings when a task ends, even if it is no longer listed, unless it was switched off again", async () => {
    await onTop(
      {},
      () => {},
      async (screen, mock) => {
        const task = mock.create({ ...COMPACTION, table: "gone" });
        await nextLook(screen);
        await screen.until(/shop\.gone/);
        screen.press("w");
        await screen.until(/will ring when major compaction shop\.gone ends/);
        screen.press("w");
        await screen.until(/no longer waiting for major compaction shop\.gone/);
        screen.press("w");
        await screen.until(/^›w/m);
        task.finish();
        mock.clock.advance(3600_000);
        await nextLook(screen);
        await screen.until(/major compaction shop\.gone is gone: its outcome is unknown/);
        expect(screen.bells).toBe(1);
        const done = mock.create(onTable("done"));
        await nextLook(screen);
        screen.press("w");
        done.finish();
        await nextLook(screen);
        await screen.until(/major compaction shop\.done is done/);
        expect(screen.bells).toBe(2);
        screen.press("w");
        await screen.until(/this task has ended/);
      },
    );
  });

  test("a: refuses a task that has ended or cannot be aborted, and shows the server's answer", async () => {
    await onTop(
      { columns: 150 },
      () => {},
      async (screen, mock) => {
        await screen.until(/no tasks/);
        screen.press("awey");
        const stubborn = mock.create(onTable("stubborn", { isAbortable: false }));
        await nextLook(screen);
        screen.press("a");
        await screen.until(/major compaction shop\.stubborn cannot be aborted/);
        stubborn.finish();
        await nextLook(screen);
        screen.press("a");
        await screen.until(/this task has ended/);
        const willing = mock.create(onTable("willing", { isAbortable: true }));
        await nextLook(screen);
        screen.press("g");
        await screen.until((now) => chosen(now).includes("willing"));
        const over = mock.addFault({ path: "/task_manager/abort_task/**", status: 500, body: '{"message": "boom"}' });
        screen.press("ay");
        await screen.until(/answered 500/);
        over();
        screen.press("an");
        await screen.until(/nothing was aborted/);
        expect(willing.state).toBe("running");
        screen.press("ay");
        await screen.until(/asked major compaction shop\.willing to stop/);
        mock.clock.advance(1000);
        await nextLook(screen);
        expect(willing.state).toBe("failed");
        expect(screen.text).toMatch(/✘ failed +major compaction +shop\.willing/);
      },
    );
  });

  test("Ctrl-L redraws all rows, and Ctrl-C quits as an interrupt", async () => {
    await onTop(
      {},
      (mock) => mock.create(onTable("one")),
      async (screen, mock) => {
        await screen.until(/shop\.one/);
        const frames = screen.frames.length;
        screen.press("\u000c");
        await screen.until((now) => now.frames.length > frames);
        expect(screen.frames[frames]).toContain("shop.one");
        expect(screen.frames[frames]?.split(`${ESC}[`).filter((part) => /^\d+;1H/.test(part))).toHaveLength(24);
        const other = otherRun(mock);
        await other.until(/shop\.one/);
        other.press("\u0003");
        expect(await other.end).toBe(130);
        const closed = otherRun(mock);
        await closed.until(/shop\.one/);
        closed.hangUp();
        expect(await closed.end).toBe(129);
      },
    );
  });
});
