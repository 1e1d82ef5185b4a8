import { describe, expect, test } from "vitest";
import { ManualClock } from "../../src/mock/index.js";
import { runTasks } from "../fixtures/run-tasks.js";
import { type ScreenOptions, ScreenRun } from "../fixtures/screen-run.js";
import { jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";
import { COMPACTION, idOf, until, withMock } from "../fixtures/wait-servers.js";

const ESC = "\u001b";
const SIZES = [
  [80, 24],
  [120, 40],
  [200, 50],
] as const;
/** What gives the terminal back. */
const LEFT = `${ESC}[?1049l`;
/** What clears a terminal, or more than the rest of a line of it. */
const CLEARS = ["[J", "[0J", "[1J", "[2J", "[3J", "c"].map((sequence) => ESC + sequence);
const clearsOf = ({ written }: ScreenRun) => CLEARS.filter((sequence) => written.includes(sequence));
const FAST = ["--interval", "200ms"];

const now = () => new ManualClock(Date.now());

const top = (args: readonly string[], options: ScreenOptions = {}): ScreenRun =>
  new ScreenRun(["--color", "never", ...args], options);

/** A shell, which knows the program as "$NODE" "$TASKS". */
const inShell = (): ScreenRun =>
  new ScreenRun([], {
    command: ["bash", "--norc", "--noprofile", "-i"],
    env: { PS1: "shell> ", TASKS: new URL("../../bin/tasks.js", import.meta.url).pathname, NODE: process.execPath },
  });

async function quit(run: ScreenRun): Promise<void> {
  run.press("q");
  expect(await run.end).toEqual({ code: 0, signal: 0 });
  expectRestored(run);
}

function expectRestored(run: ScreenRun): void {
  expect(run.isFullScreen).toBe(false);
  for (const mode of ["?25h", "?7h", "?2004l", "?1049l"]) expect(run.written).toContain(`${ESC}[${mode}`);
  expect(run.written.lastIndexOf("?25h")).toBeGreaterThan(run.written.lastIndexOf("?25l"));
}

describe.concurrent("tasks top", () => {
  test.each([["default"], ["repair"], ["chaos"], ["storm"]])(
    "%s in windows of three sizes: fills the screen, wraps nothing, clears nothing, leaves nothing",
    async (scenario) => {
      await withMock(
        async (_mock, node) => {
          for (const [columns, rows] of SIZES) {
            const run = top([...node, "top", "-a", ...FAST], { columns, rows });
            await run.until(/^mock cluster[\s\S]*\n›[\s\S]*q quit/);
            run.press("jj");
            // Rows of nodes that answer late come in above the chosen one.
            await run.until(/ (?:[2-9]|\d\d+)\/\d+/);
            expect(run.rows).toHaveLength(rows);
            expect(run.rows[0]).toMatch(/^mock cluster {2}ScyllaDB 2026\.3.* every 0\.2s$/);
            expect(run.rows.some((line) => line.startsWith("›"))).toBe(true);
            await quit(run);
            expect(clearsOf(run)).toEqual([]);
            // A line end would scroll.
            expect(run.written.split(LEFT)[0]).not.toContain("\n");
          }
        },
        { scenario, clock: now() },
      );
    },
  );

  test("shows how far tasks are, keeps the chosen one, opens its tree, filters, waits and rings", async () => {
    await withMock(
      async (mock, node) => {
        const first = mock.create({ ...COMPACTION, table: "orders", progressUnits: "bytes", isAbortable: true });
        const second = mock.create({ ...COMPACTION, type: "cleanup compaction", keyspace: "other" });
        mock.create({ ...COMPACTION, type: "cleanup compaction", parent: second, scope: "table", table: "t1" });
        first.reportProgress(256, 1024);
        const run = top([...node, "top", ...FAST], { columns: 110 });
        await run.until(/major compaction +shop\.orders .*\[████▌ +\] +25%/);
        run.press("j");
        await run.until(/›.*major compaction/);
        run.press("k");
        await run.until(/›.*cleanup compaction/);
        // A new task comes in front of the chosen one, or behind it: it stays chosen.
        const third = mock.create({ ...COMPACTION, type: "aaa", keyspace: "third", isUserTask: true });
        await run.until(/aaa[\s\S]*\/3$/m);
        expect(run.text).toMatch(/›.*cleanup compaction/);
        first.reportProgress(512, 1024);
        await run.until(/50%/);
        run.press("\r");
        await run.until(
          /cleanup compaction +keyspace other[\s\S]*└─ ▶ running +table shop\.t1, shard 0[\s\S]*esc back/,
        );
        run.press("t");
        await run.until(/when: cleanup compaction[\s\S]*running for[\s\S]*esc back +enter tree +e explain +j k/);
        run.press(ESC);
        await run.until(/q quit/);
        run.press("/third");
        await run.until((screen) => /aaa/.test(screen.text) && !/shop\.orders/.test(screen.text));
        run.press("\u0015!third");
        await run.until((screen) => !/aaa/.test(screen.text) && /shop\.orders/.test(screen.text));
        run.press(`${ESC}`);
        await run.until(/aaa/);
        run.press("\u001b[F");
        await run.until(/›.*aaa/);
        run.press("w");
        await run.until(/will ring when aaa third ends/);
        third.fail("out of luck");
        await run.until(/aaa third is failed/);
        await until(() => run.bells > 0);
        await run.until(/failed .* ago +aaa third|failed now +aaa third/);
        run.press("ye");
        await run.until(/why: aaa third/);
        expect(run.written).toContain(`${ESC}]52;c;${Buffer.from(third.id).toString("base64")}\u0007`);
        await run.until(/failed: out of luck/);
        await quit(run);
      },
      { clock: now() },
    );
  });

  test("abort asks, names the task, and takes y alone for yes; with --read-only there is none", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create({ ...COMPACTION, table: "orders", isAbortable: true, isUserTask: true });
      const looking = top([...node, "top", "--read-only", ...FAST]);
      await looking.until(/major compaction/);
      looking.press("a?");
      await looking.until(/Ctrl-Z/);
      expect(looking.text).not.toMatch(/abort/i);
      looking.press("q");
      await looking.until(/q quit/);
      await quit(looking);
      const run = top([...node, "top", ...FAST], { columns: 120 });
      await run.until(/major compaction/);
      const question = `Abort major compaction shop.orders, ${task.id}? [y/N]`;
      run.press("a");
      await run.until((screen) => screen.text.includes(question));
      run.press("\r");
      await run.until(/nothing was aborted/);
      // What is pasted is no answer, and no key.
      run.press(`${ESC}[200~ay${ESC}[201~`);
      run.press("a");
      await run.until((screen) => screen.text.includes(question));
      expect(task.state).toBe("running");
      run.press("y");
      await run.until(/asked major compaction shop\.orders to stop[\s\S]*|1 failed/);
      await run.until(/✘ failed/);
      expect(task.state).toBe("failed");
      await quit(run);
      expect(mock.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
    });
  });

  test("a node that dies is told of, with its time, and so is its return", async () => {
    await withMock(
      async (mock, node) => {
        mock.create({ ...COMPACTION, node: 1, keyspace: "there" });
        const run = top([...node, "top", "-a", ...FAST], { columns: 120 });
        await run.until(/3 of 3 nodes answer[\s\S]*there/);
        await mock.takeDown(1);
        await run.until(/2 of 3 nodes answer +127\.0\.0\.2 lost since \d\d:\d\d:\d\d: /);
        await mock.bringUp(1);
        await run.until(/3 of 3 nodes answer/);
        mock.create({ ...COMPACTION, node: 1, keyspace: "again" });
        await run.until(/again/);
        // It was on the screen, and is no failure of the run.
        await quit(run);
      },
      { nodes: 3 },
    );
  });

  test("the only node may go and come back too", async () => {
    await withMock(async (mock, node) => {
      mock.create({ ...COMPACTION, keyspace: "before" });
      const run = top([...node, "top", ...FAST], { columns: 120 });
      await run.until(/before/);
      await mock.takeDown(0);
      await run.until(/0 of 1 node answers +127\.0\.0\.1 lost since .*cannot be reached \(ECONNREFUSED\)/);
      await mock.bringUp(0);
      await run.until((screen) => !/lost since/.test(screen.text));
      await quit(run);
    });
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ] as const)("gives the terminal back after %s", async (signal, code) => {
    await withMock(async (mock, node) => {
      mock.create(COMPACTION);
      const run = top([...node, "top"]);
      await run.until(/major compaction/);
      run.kill(signal);
      expect(await run.end).toMatchObject({ code });
      expectRestored(run);
    });
  });

  test("gives the terminal back after an error that nobody foresaw, and says which it was", async () => {
    await withMock(async (mock, node) => {
      mock.create(COMPACTION);
      const thrower = `data:text/javascript,${encodeURIComponent(`process.on("SIGUSR2",()=>{throw Error("unforeseen")})`)}`;
      const run = top([...node, "top"], { env: { NODE_OPTIONS: `--import=${thrower}` } });
      await run.until(/major compaction/);
      run.kill("SIGUSR2");
      expect((await run.end).code).not.toBe(0);
      expectRestored(run);
      expect(run.written.slice(run.written.lastIndexOf(LEFT))).toContain("unforeseen");
    });
  });

  test("Ctrl-Z and fg: the shell has its terminal in between, and the screen comes back", async () => {
    await withMock(async (mock, node) => {
      mock.create(COMPACTION);
      const run = inShell();
      await run.until(/shell>/);
      run.press(`"$NODE" "$TASKS" ${node.join(" ")} top\r`);
      await run.until(/major compaction[\s\S]*q quit/);
      run.press("\u001a");
      await run.until(/Stopped[\s\S]*shell>/);
      expect(run.isFullScreen).toBe(false);
      run.press("stty -a | grep -o '.icanon'; echo code $?\r");
      await run.until(/ icanon\ncode 0/);
      run.press("fg\r");
      await run.until(/major compaction[\s\S]*q quit/);
      expect(run.isFullScreen).toBe(true);
      run.press("q");
      await run.until(/shell>\s*$/);
      run.press("echo was $?; exit\r");
      expect((await run.end).code).toBe(0);
      expect(run.written).toContain("was 0");
    });
  });

  test("ends once whoever started it was killed: the shell above that has its terminal back", async () => {
    await withMock(async (mock, node) => {
      mock.create(COMPACTION);
      const run = inShell();
      await run.until(/shell>/);
      run.press(`bash -c 'echo "started by $$"; "$NODE" "$TASKS" ${[...node, "top", ...FAST].join(" ")}; :'\r`);
      await run.until(/major compaction[\s\S]*q quit/);
      // The terminal has answered what it was asked: the answer would come to the shell otherwise.
      await run.until(() => run.written.includes(`${ESC}[?2026h`));
      process.kill(Number(/started by (\d+)/.exec(run.written)?.[1]), "SIGKILL");
      await run.until(() => run.written.includes(LEFT));
      run.press("echo code $?; exit\r");
      await run.until(/code 137/);
      await run.end;
    });
  });

  test("survives windows of any size", async () => {
    await withMock(
      async (_mock, node) => {
        const run = top([...node, "top", ...FAST], { columns: 100, rows: 30 });
        await run.until(/q quit/);
        for (const [columns, rows] of [
          [80, 20],
          [40, 12],
          [20, 6],
          [8, 3],
          [2, 1],
          [1, 2],
          [300, 70],
          [80, 24],
        ] as const) {
          run.resize(columns, rows);
          run.press("j");
        }
        const isWhole = ({ rows }: ScreenRun) =>
          /^mock cluster.{20,64}every 0\.2s$/.test(rows[0] ?? "") && /q quit +\d+\/\d+$/.test(rows[23] ?? "");
        await run.until(isWhole);
        await quit(run);
        expect(clearsOf(run)).toEqual([]);
      },
      { scenario: "default", clock: now() },
    );
  });

  test("frames are synchronized where the terminal says that it knows how, and only there", async () => {
    await withMock(async (mock, node) => {
      mock.create(COMPACTION);
      const silent = top([...node, "top", ...FAST], { answers: false });
      await silent.until(/major compaction/);
      silent.press("p");
      await silent.until(/paused/);
      await quit(silent);
      expect(silent.written).not.toContain(`${ESC}[?2026h`);
      const answering = top([...node, "top", ...FAST], { answers: false });
      await answering.until(/major compaction/);
      answering.press(`${ESC}[?2026;2$y`);
      answering.press("p");
      await answering.until(/paused/);
      await quit(answering);
      expect(answering.written).toContain(`${ESC}[?2026h`);
      expect(answering.written.split(`${ESC}[?2026h`)).toHaveLength(answering.written.split(`${ESC}[?2026l`).length);
    });
  });

  test("what servers send cannot drive the terminal; ASCII where the locale has no UTF-8", async () => {
    const evil = `${ESC}[2J${ESC}]0;title\u0007\u009b2J\u202e`;
    const server = await scriptedServer((request, response) => {
      const { url = "" } = request;
      if (url.endsWith("list_modules")) return jsonAnswer(["compaction"])(request, response);
      if (url.includes("list_module_tasks")) {
        const row = { task_id: idOf("a"), state: `running`, type: `t${evil}`, keyspace: `在${evil}`, table: evil };
        return jsonAnswer([row, { ...row, task_id: idOf("b"), state: "failed", end_time: new Date().toISOString() }])(
          request,
          response,
        );
      }
      if (url.includes("task_status")) {
        const isFirst = url.endsWith(idOf("a"));
        const id = idOf(isFirst ? "a" : "b");
        const status = { id, state: isFirst ? "running" : "failed", error: evil, type: evil, progress_units: evil };
        return jsonAnswer(url.includes("recursive") ? [status] : status)(request, response);
      }
      return jsonAnswer(`2026.1.5${evil}`)(request, response);
    });
    for (const env of [{ LC_ALL: "C.UTF-8" }, { LC_ALL: "C" }]) {
      const run = top(["--url", server.url, "top", ...FAST], { columns: 150, env });
      await run.until(/1 running[\s\S]*1 failed/);
      run.press("\u001b[F\re");
      await run.until(/why:/);
      run.press(`${ESC}`);
      await run.until(/q quit/);
      await quit(run);
      expect(clearsOf(run)).toEqual([]);
      expect(["\u001b]0;", "\u009b", "\u202e"].filter((text) => run.written.includes(text))).toEqual([]);
      if (env.LC_ALL === "C") expect(run.written.replaceAll(ESC, "")).toMatch(/^[\u0020-\u007e\r\n]*$/);
    }
    await server.stop();
  });

  test.each([[[]], [["-a"]]])("without a terminal it says what to use instead: %j", async (args) => {
    await withMock(async (_mock, node) => {
      const run = await runTasks([...node, "top", ...args]);
      expect(run).toMatchObject({ code: 1, stdout: "" });
      expect(run.stderr).toMatch(
        /^error: tasks top needs a terminal: stdout is not a terminal\n.*tasks list --all --watch/,
      );
    });
  });

  test("a port where nobody listens is one message, and no screen", async () => {
    const run = top(["-h", "127.0.0.1", "-p", "1", "top"]);
    expect(await run.end).toMatchObject({ code: 2 });
    expect(run.written).toMatch(/^error: cannot reach http:\/\/127\.0\.0\.1:1 /);
    expect(run.written).not.toContain("?1049");
  });
});
