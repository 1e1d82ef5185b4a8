import { afterEach, describe, expect, test } from "vitest";
import { LiveRun, type LiveRunOptions } from "../fixtures/live-run.js";
import { type Answer, jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";
import { chosen, ESC, nextLook, onTop, showsTime, TOP_NOW } from "../fixtures/top-screen.js";
import { COMPACTION, idOf, silent, withMock } from "../fixtures/wait-servers.js";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Top over a server that answers as the script says, and as a node without tasks to all else. */
async function over(script: Record<string, Answer>, options: LiveRunOptions = {}, ...more: string[]) {
  const answers: Record<string, Answer> = {
    "/task_manager/list_modules": jsonAnswer(["repair"]),
    "/task_manager/list_module_tasks/repair": jsonAnswer([]),
    "/storage_service/scylla_release_version": jsonAnswer("2026.1.0"),
    ...script,
  };
  const server = await scriptedServer((request, response) => {
    const answer = answers[(request.url ?? "").split("?")[0] ?? ""];
    (answer ?? jsonAnswer({ message: "Not found", code: 404 }, 404))(request, response);
  });
  ends.push(server.stop);
  const screen = new LiveRun(["--url", server.url, "top", ...more], { startMs: TOP_NOW, ...options });
  return { server, screen, answers };
}

async function quit(screen: LiveRun): Promise<void> {
  screen.press("q");
  expect(await screen.end).toBe(0);
}

describe("nodes", () => {
  test("a node that never answered is lost since before the start", async () => {
    await onTop(
      { args: ["-a"], mock: { nodes: 2 }, columns: 120 },
      (mock) => mock.addFault({ node: 1, isReset: true }),
      async (screen) => {
        await screen.until(/1 of 2 nodes answers? {2}127\.0\.0\.2 lost since before 10:00:00: cannot be reached/);
      },
    );
  });

  test("a node that dies is named at the next look, with the reason, and one that comes back is shown at the next", async () => {
    await onTop(
      { args: ["-a"], mock: { nodes: 3 }, columns: 120 },
      () => {},
      async (screen, mock) => {
        await screen.until(/3 of 3 nodes answer/);
        // Whatever the number of the look is: which nodes there are is not asked at each.
        for (let round = 0; round < 3; round++) {
          await mock.takeDown(1);
          await nextLook(screen);
          await screen.until(/2 of 3 nodes answer {2}127\.0\.0\.2 lost since/);
          await nextLook(screen);
          await screen.until(/127\.0\.0\.2 lost since [\d:]+: down/);
          await mock.bringUp(1);
          mock.create({ ...COMPACTION, node: 1, table: `again${round}` });
          await nextLook(screen);
          await screen.until(new RegExp(`3 of 3 nodes answer[^]*shop\\.again${round}`));
        }
      },
    );
  });

  test("all lost nodes are named, in a small window without reasons or times", async () => {
    await onTop(
      { args: ["-a"], mock: { nodes: 5 }, columns: 200 },
      () => {},
      async (screen, mock) => {
        await screen.until(/5 of 5 nodes answer/);
        for (const node of [1, 2, 3]) mock.addFault({ node, status: 502, body: "busy" });
        await nextLook(screen);
        const [second, third, fourth] = [2, 3, 4].map((node) => `127.0.0.${node} lost since 10:00:02`);
        const reason = ": answers 502";
        await screen.until((now) =>
          (now.rows[1] ?? "").endsWith(`${[second, third, fourth].join(`${reason}  `)}${reason}`),
        );
        screen.resize(120, 24);
        await screen.until((now) => now.rows[1] === `2 of 5 nodes answer  ${second}  ${third}  ${fourth}`);
        screen.resize(80, 24);
        await screen.until((now) => now.rows[1] === "2 of 5 nodes answer  lost: 127.0.0.2, 127.0.0.3, 127.0.0.4");
        screen.resize(40, 24);
        await screen.until((now) => now.rows[1] === "2 of 5 nodes answer  lost: 127.0.0.2, 1…");
      },
    );
  });

  test("if none answers at the start, the run ends and says why", async () => {
    const { screen } = await over({ "/task_manager/list_modules": jsonAnswer({ message: "boom", code: 500 }, 500) });
    expect(await screen.end).toBe(4);
    expect(screen.stderr).toMatch(/^error: .*answered 500 Internal Server Error:\s+boom\n$/);
    expect(screen.written).not.toContain(`${ESC}[1;1H`);
  });

  test("a node without a release, and one whose module is gone, are shown as far as possible", async () => {
    const { screen, answers } = await over({
      "/task_manager/list_modules": jsonAnswer(["repair", "gone"]),
      "/task_manager/list_module_tasks/repair": jsonAnswer([{ task_id: idOf(1), state: "running", type: "repair" }]),
      "/task_manager/list_module_tasks/gone": jsonAnswer({ message: "no such module", code: 400 }, 400),
      "/storage_service/scylla_release_version": jsonAnswer({ message: "Not found", code: 404 }, 404),
    });
    await screen.until(/1 running {2}repair 1[\s\S]*▶ running +repair/);
    expect(screen.rows[0]).toMatch(/^127\.0\.0\.1 +10:00:00 UTC {2}every 2s$/);
    answers["/task_manager/list_module_tasks/gone"] = jsonAnswer({ message: "boom", code: 500 }, 500);
    await nextLook(screen);
    await screen.until(/0 of 1 node answers .* lost since 10:00:02: answers 500/);
    await quit(screen);
  });

  test("an interrupt before the first answer ends the run", async () => {
    const { screen, server } = await over({ "/task_manager/list_modules": silent });
    await new Promise<void>((resolve) => {
      const look = () => (server.requests.length > 0 ? resolve() : setImmediate(look));
      look();
    });
    screen.interrupt(new Error("interrupted"));
    expect(await screen.end).not.toBe(0);
    expect(screen.frames).toEqual([]);
  });
});

test("on a release that forgets a finished task whose status is read, no status is read, and the screen says so", async () => {
  await onTop(
    { mock: { release: "seed" }, columns: 120 },
    (mock) => {
      mock.create({ ...COMPACTION, isUserTask: true }).fail("disk full");
      mock.create({ ...COMPACTION, table: "running" });
    },
    async (screen, mock) => {
      await screen.until(/2 running|1 failed/);
      await screen.until(/this server forgets finished tasks when their status is read/);
      await nextLook(screen);
      await nextLook(screen);
      expect(screen.text).toMatch(/1 failed/);
      expect(mock.requests.filter(({ url }) => url.includes("task_status"))).toEqual([]);
    },
  );
});

describe("many tasks", () => {
  test("of 100,000, all are counted, the last can be selected, a filter finds one, and at most 32 statuses are read", async () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => ({
      task_id: idOf(index),
      state: "running",
      type: "repair",
      scope: "table",
      keyspace: "shop",
      table: `t${index}`,
    }));
    const body = Buffer.from(JSON.stringify(rows));
    const { screen, server } = await over(
      {
        "/task_manager/list_module_tasks/repair": (_request, response) => {
          response.writeHead(200, { "content-type": "application/json" }).end(body);
        },
      },
      { columns: 120, rows: 20 },
    );
    await screen.until(/^100000 running[\s\S]*1\/100000$/m);
    expect(screen.rows).toHaveLength(20);
    expect(server.requests.filter((line) => line.includes("task_status"))).toHaveLength(32);
    screen.press("G");
    await screen.until(/100000\/100000$/);
    expect(chosen(screen)).toContain("shop.t99999");
    screen.press("/t77777");
    await screen.until(/shop\.t77777[\s\S]*\/t77777/);
    screen.press(ESC);
    // What was chosen in the meantime stays chosen.
    await screen.until(/77778\/100000$/);
    await quit(screen);
  });

  test("windows of any size show what fits, and always the selected task", async () => {
    await withMock(async (mock, node) => {
      for (let index = 0; index < 40; index++) mock.create({ ...COMPACTION, table: `t${index}` });
      mock.create({ ...COMPACTION, table: "bad", isUserTask: true }).fail("disk full");
      const screen = new LiveRun([...node, "top"], { startMs: Date.now(), columns: 120, rows: 40 });
      await screen.until(/41$/);
      screen.press("jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj");
      await screen.until(/32\/41$/);
      const table = /shop\.t\d+/.exec(chosen(screen))?.[0] ?? "none";
      for (const [columns, rows] of [
        [80, 20],
        [60, 13],
        [50, 7],
        [40, 4],
        [40, 3],
        [40, 2],
        [30, 1],
        [200, 50],
      ] as const) {
        const before = screen.frames.length;
        screen.resize(columns, rows);
        await screen.until(({ frames }) => frames.length > before);
        expect(screen.rows).toHaveLength(rows);
        expect(Math.max(...screen.rows.map((row) => row.length))).toBeLessThanOrEqual(columns);
        // In the last rows there is room for nothing else.
        if (rows > 1) expect(chosen(screen)).not.toBe("");
        if (columns >= 50) expect(chosen(screen)).toContain(table);
        if (rows < 4) continue;
        screen.press("?");
        await screen.until(/^keys$/m);
        screen.press("Gg ");
        screen.press(ESC);
        await screen.until((now) => chosen(now) !== "");
      }
      screen.press("/x");
      screen.press(ESC);
      await showsTime(screen);
      await quit(screen);
    });
  });
});
