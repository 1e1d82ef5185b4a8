import { type ChildProcess, spawn } from "node:child_process";
import { spawn as spawnOnTerminal } from "@lydell/node-pty";
import { startMockCluster } from "../../src/mock/index.js";
import { type Run, runTasks, TASKS } from "../fixtures/run-tasks.js";
import { type Answer, jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";

export const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";
export const UNKNOWN = jsonAnswer({ message: `task with id ${ID} not found`, code: 400 }, 400);
export const TIMED_OUT = jsonAnswer({ message: "timedout", code: 408 }, 408);
export const NOT_ABORTABLE = jsonAnswer({ message: `task with id ${ID} cannot be aborted`, code: 403 }, 403);

/** The connection goes before there was an answer. */
export const broken: Answer = (request) => request.socket.destroy();
export const silent: Answer = () => {};
/** Promises more than it sends. */
export const cutOff: Answer = (_request, response) => {
  response.writeHead(200, { "content-length": "100" }).write('"5e1f');
  setImmediate(() => response.socket?.destroy());
};

/** The status of the task that was asked for, in a state. */
export const ended =
  (state: string): Answer =>
  (request, response) =>
    jsonAnswer({ id: (request.url ?? "").split(/[/?]/)[3], state })(request, response);

/** Answers each request by the next of the answers, and all later ones by the last. */
export function inTurn(...answers: Answer[]): Answer {
  let turn = 0;
  return (request, response) => (answers[Math.min(turn++, answers.length - 1)] as Answer)(request, response);
}

/** Runs a command against a server of its own. */
export async function against(
  script: Readonly<Record<string, Answer>> | Answer,
  args: readonly string[],
): Promise<Run & { readonly requests: readonly string[]; readonly port: number }> {
  const server = await scriptedServer(script);
  try {
    const run = await runTasks(["-h", "127.0.0.1", "-p", String(server.port), ...args]);
    return { ...run, requests: server.requests, port: server.port };
  } finally {
    await server.stop();
  }
}

type MockCluster = Awaited<ReturnType<typeof startMockCluster>>;

/** A mock with nothing on it, and the options that name its first node, as the arguments of a test's body. */
export async function withMock<T>(
  body: (mock: MockCluster, node: string[]) => Promise<T>,
  options: Parameters<typeof startMockCluster>[0] = {},
): Promise<T> {
  const mock = await startMockCluster({ scenario: "idle", generation: "current", ...options });
  try {
    return await body(mock, ["-h", "127.0.0.1", "-p", new URL(mock.urls[0] as string).port]);
  } finally {
    await mock.stop();
  }
}

/** Resolves once something has come true; the test's own time limit bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A program that runs, on pipes. */
export function started(args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [TASKS, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text) => {
      written[name] += text;
    });
  }
  const end = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal })),
  );
  return { child, written, end };
}

/** A program that runs on a terminal of its own, with a keyboard. */
export function startedOnTerminal(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { CI: _, NO_COLOR: __, ...inherited } = process.env;
  const child = spawnOnTerminal(process.execPath, [TASKS, ...args], {
    cols: 120,
    rows: 24,
    env: { ...inherited, TERM: "xterm-256color", LC_ALL: "C.UTF-8", ...env },
  });
  const terminal = {
    written: "",
    press: (keys: string) => child.write(keys),
    /** `null` until it has ended. */
    code: null as number | null,
    end: new Promise<number>((resolve) =>
      child.onExit(({ exitCode }) => {
        terminal.code = exitCode;
        resolve(exitCode);
      }),
    ),
    kill: () => child.kill(),
  };
  child.onData((text) => {
    terminal.written += text;
  });
  return terminal;
}

export const COMPACTION = {
  module: "compaction",
  type: "major compaction",
  scope: "keyspace",
  keyspace: "shop",
} as const;
