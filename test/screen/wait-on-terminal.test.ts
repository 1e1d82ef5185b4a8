import { spawn } from "@lydell/node-pty";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TASKS } from "../fixtures/run-tasks.js";
import { jsonAnswer, type ScriptedServer, scriptedServer } from "../fixtures/scripted-server.js";

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

let server: ScriptedServer;
/** Ends the task that is waited for. */
let finish: () => void;

beforeAll(async () => {
  const running = {
    id: ID,
    type: "repair",
    keyspace: "shop",
    state: "running",
    progress_total: 4,
    progress_completed: 1,
  };
  server = await scriptedServer((request, response) => {
    const url = request.url ?? "";
    if (url.includes("task_status")) jsonAnswer(running)(request, response);
    else if (url.endsWith("timeout=0")) jsonAnswer({ message: "timedout", code: 408 }, 408)(request, response);
    else if (url.includes("list_")) jsonAnswer([{ task_id: ID, state: "running" }])(request, response);
    else if (url.includes("abort")) response.end();
    else finish = () => jsonAnswer({ ...running, state: "done" })(request, response);
  });
});

afterAll(() => server.stop());

/** Runs a command on a pseudo-terminal; `act` sees all that was written so far, whenever more is. */
function onTerminal(args: readonly string[], act: (written: string, write: (text: string) => void) => void) {
  return new Promise<{ written: string; code: number }>((resolve) => {
    const terminal = spawn(process.execPath, [TASKS, "-h", "127.0.0.1", "-p", String(server.port), ...args], {
      cols: 100,
      rows: 24,
      env: { ...process.env, TERM: "xterm-256color", LC_ALL: "C.UTF-8" } as Record<string, string>,
    });
    let written = "";
    terminal.onData((text) => {
      written += text;
      act(written, (answer) => terminal.write(answer));
    });
    terminal.onExit(({ exitCode }) => resolve({ written, code: exitCode }));
  });
}

/** Does something once, as soon as the text is there. */
function once(text: string, action: (write: (text: string) => void) => void) {
  let isDone = false;
  return (written: string, write: (text: string) => void) => {
    if (isDone || !written.includes(text)) return;
    isDone = true;
    action(write);
  };
}

describe("wait on a terminal", () => {
  test("shows progress while it lasts, and gives the cursor back", async () => {
    const { written, code } = await onTerminal(
      ["wait", ID],
      once("1/4 25%", () => finish()),
    );
    expect(code).toBe(0);
    expect(written).toContain("repair shop");
    expect(written).toContain(HIDE_CURSOR);
    expect(written.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(written.lastIndexOf(HIDE_CURSOR));
  });

  test("on Ctrl-C gives the cursor back and says how to come back, and leaves that standing", async () => {
    const { written, code } = await onTerminal(
      ["wait", ID],
      once("1/4 25%", (write) => write("\u0003")),
    );
    expect(code).toBe(130);
    const [, after = ""] = written.split("the task goes on");
    expect(after).toContain(`tasks -h 127.0.0.1 -p ${server.port} wait ${ID}`);
    expect(written.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(written.lastIndexOf(HIDE_CURSOR));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what wipes out a line
    expect(after).not.toMatch(/\u001b\[[0-9]*[KJ]/);
  });
});

describe("abort by selection on a terminal", () => {
  const asked = ["abort", "--module", "compaction"];

  test.each([
    ["y\r", 0, true],
    ["n\r", 0, false],
    ["\u0003", 130, false],
  ])("asks, and takes %j", async (answer, code, aborts) => {
    const before = server.requests.length;
    const run = await onTerminal(
      asked,
      once("Abort this task? [y/N]", (write) => write(answer)),
    );
    expect(run.code).toBe(code);
    const aborted = server.requests.slice(before).includes(`POST /task_manager/abort_task/${ID}`);
    expect(aborted).toBe(aborts);
  });
});
