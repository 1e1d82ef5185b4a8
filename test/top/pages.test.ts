import { expect, test } from "vitest";
import type { MockCluster } from "../../src/mock/index.js";
import type { LiveRun } from "../fixtures/live-run.js";
import { ESC, nextLook, onTop } from "../fixtures/top-screen.js";
import { COMPACTION, until } from "../fixtures/wait-servers.js";

type Task = ReturnType<MockCluster["create"]>;

/** Top with one task of two shards, and more of it if wanted. */
async function onTree(
  body: (screen: LiveRun, mock: MockCluster, root: Task, parts: Task[]) => Promise<void>,
  { columns = 120, rows = 24, more = 0 } = {},
): Promise<void> {
  const parts: Task[] = [];
  let root: Task | undefined;
  await onTop(
    { columns, rows },
    (mock) => {
      root = mock.create({ ...COMPACTION, table: "orders", isUserTask: true, isAbortable: true });
      for (let index = 0; index < 2 + more; index++) {
        parts.push(
          mock.create({ ...COMPACTION, scope: "table", table: `part${index}`, shard: index % 2, parent: root }),
        );
      }
    },
    async (screen, mock) => {
      await screen.until(/shop\.orders/);
      await body(screen, mock, root as Task, parts);
    },
  );
}

const back = async (screen: LiveRun, key = ESC) => {
  screen.press(key);
  await screen.until(/q quit/);
};

test("the tree is kept up to date, until its root has ended", async () => {
  await onTree(async (screen, mock, root, [first]) => {
    screen.press("\r");
    await screen.until(/major compaction shop\.orders {2}[\w-]+\n[\s\S]*shop\.part0[\s\S]*shop\.part1[\s\S]*esc back/);
    first?.fail("disk full");
    await nextLook(screen);
    await screen.until(/✘ failed/);
    root.fail("a part failed");
    await nextLook(screen);
    await screen.until(/a part failed/);
    await nextLook(screen);
    mock.clearRequests();
    await nextLook(screen);
    expect(mock.requests.filter(({ url }) => url.includes("recursive"))).toEqual([]);
    await back(screen);
  });
});

test("the page of keys fits a window of 80 columns", async () => {
  await onTop(
    { columns: 80, rows: 40 },
    () => {},
    async (screen) => {
      await screen.until(/no tasks/);
      screen.press("?");
      await screen.until(/^keys$/m);
      expect(screen.text).not.toContain("…");
      await back(screen);
    },
  );
});

test("from one page of a task to another, and back by esc, left and backspace", async () => {
  await onTree(async (screen) => {
    screen.press(`${ESC}[C`);
    await screen.until(/enter|e explain {2}t timeline/);
    screen.press("e");
    await screen.until(/why: major compaction shop\.orders/);
    screen.press("t");
    await screen.until(/when: major compaction shop\.orders[\s\S]*esc back {2}enter tree {2}e explain {2}j k scroll/);
    screen.press("t?");
    screen.press("\r");
    await screen.until(/esc back {2}e explain {2}t timeline/);
    await back(screen, `${ESC}[D`);
    screen.press("e");
    await screen.until(/why: /);
    await back(screen, "\u007f");
    screen.press("?");
    await screen.until(/^keys$/m);
    screen.press("et\ryx");
    await back(screen, "?");
    screen.press("?");
    await screen.until(/^keys$/m);
    await back(screen, "q");
  });
});

test("a long page is scrolled by lines and pages, to both ends, and keeps its place in another window", async () => {
  await onTree(
    async (screen) => {
      screen.press("\r");
      await screen.until(/lines 1 to 21 of \d+/);
      for (const [key, from] of [
        ["j", 2],
        [`${ESC}[B`, 3],
        ["k", 2],
        [`${ESC}[A`, 1],
        ["k", 1],
        [" ", 21],
        [`${ESC}[5~`, 1],
        [`${ESC}[6~`, 21],
        ["\u0015", 1],
        ["\u0004", 21],
        ["g", 1],
        ["G", 81],
        [`${ESC}[H`, 1],
        [`${ESC}[F`, 81],
      ] as const) {
        screen.press(key);
        await screen.until(({ text }) => text.includes(`lines ${from} to ${from + 20} of 101`));
      }
      screen.resize(100, 40);
      await screen.until(/lines 65 to 101 of 101/);
      await back(screen);
    },
    { more: 98 },
  );
});

test("the id can be copied and the screen paused on a page, too; q quits", async () => {
  await onTree(async (screen, _mock, root) => {
    screen.press("\r");
    await screen.until(/esc back/);
    screen.press("y");
    await screen.until(/copied the id to the clipboard/);
    expect(screen.written).toContain(`${ESC}]52;c;${Buffer.from(root.id).toString("base64")}\u0007`);
    screen.press("p");
    await screen.until(/paused/);
    screen.press("p");
    await screen.until(/every 2s/);
    screen.press("x");
  });
});

test("the page of a task that is gone says so, and is read again", async () => {
  await onTree(async (screen, mock) => {
    const over = mock.addFault({
      path: "/task_manager/task_status_recursive/**",
      status: 500,
      body: '{"message":"boom"}',
    });
    screen.press("\r");
    await screen.until(/answered 500/);
    over();
    await nextLook(screen);
    await screen.until(/shop\.part0/);
    await back(screen);
  });
});

test("if another page is opened while the first is being read, the other one is shown", async () => {
  await onTree(async (screen, mock) => {
    mock.addFault({ path: "/task_manager/task_status_recursive/**", latencyMs: 1000, count: 1 });
    mock.clearRequests();
    screen.press("\r");
    await screen.until(/loading \.\.\./);
    screen.press("e");
    await screen.until(/why: [\s\S]*loading \.\.\./);
    await until(() => mock.requests.some(({ url }) => url.includes("task_status_recursive")));
    mock.clock.advance(1000);
    await screen.until(({ text }) => /why: /.test(text) && !text.includes("asking"));
    await back(screen);
  });
});

test("for a tree with more than 5,000 parts, the screen names the command that shows the rest; for a timeline with many lanes, it says so once", async () => {
  await onTree(
    async (screen, _mock, root) => {
      screen.press("\r");
      await screen.until(/lines 1 to/);
      screen.press("G");
      await screen.until(({ text }) => text.includes(`1003 more parts: tasks tree ${root.id}`));
      screen.press("t");
      await screen.until(/when: [\s\S]*lines|when: [\s\S]*critical|when: [\s\S]*running/);
      await back(screen);
    },
    { more: 6000, rows: 30 },
  );
});
