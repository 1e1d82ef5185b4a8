import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, promises as files, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { JournalLine } from "../../src/journal/journal-line.js";
import { readJournal } from "../../src/journal/read-journal.js";
import { type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { Random } from "../../src/mock/random.js";
import { linesOf, newDirectory } from "../fixtures/recorded.js";
import { runTasks, TASKS } from "../fixtures/run-tasks.js";

async function mockOf(speed: number, nodes = 1): Promise<MockCluster> {
  const mock = await startMockCluster({ scenario: "default", speed, nodes });
  onTestFinished(() => mock.stop());
  return mock;
}

interface Recording {
  readonly child: ChildProcess;
  readonly written: { stdout: string; stderr: string };
  readonly end: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

function recording(mock: MockCluster, args: readonly string[], shell = 'exec "$@"'): Recording {
  const port = new URL(mock.urls[0] as string).port;
  const words = [process.execPath, TASKS, "-h", "127.0.0.1", "-p", port, "record", ...args];
  const child = spawn("bash", ["-c", shell, "bash", ...words], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text) => {
      written[name] += text;
    });
  }
  const end = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal })),
  );
  return { child, written, end };
}

const OFTEN = ["--tick", "1s", "--progress-every", "1s"];

/** Resolves after so many changes of the files in a directory. */
async function changes(directory: string, count: number, of: RegExp): Promise<void> {
  let left = count;
  for await (const { filename } of files.watch(directory)) if (of.test(filename ?? "") && --left <= 0) return;
}

/** Resolves once there is a segment that was not there before. */
async function newSegment(directory: string): Promise<void> {
  const before = new Set(readdirSync(directory));
  for await (const { filename } of files.watch(directory)) {
    if (filename?.endsWith(".ndjson") && !before.has(filename)) return;
  }
}

/** Resolves once stderr has said it. */
function said({ child, written }: Recording, text: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (written.stderr.includes(text)) resolve();
    };
    child.stderr?.on("data", look);
    look();
  });
}

test("killed at any moment, it loses no line that it wrote, and the next one says what it missed", async () => {
  const mock = await mockOf(20);
  const directory = newDirectory();
  const random = new Random(3, "kills");
  let known: JournalLine[] = [];
  for (let kill = 0; kill < 5; kill++) {
    const moment = changes(directory, 1 + Math.floor(random.next() * 12), /ndjson/);
    const { child, end } = recording(mock, [directory, "--quiet", ...OFTEN]);
    await moment;
    child.kill("SIGKILL");
    expect(await end).toMatchObject({ signal: "SIGKILL" });
    const lines: JournalLine[] = [];
    for await (const batch of readJournal(directory, { leftOut: new Set() })) lines.push(...batch);
    expect(lines.slice(0, known.length)).toEqual(known);
    known = lines;
  }
  const moment = newSegment(directory);
  const { child, end, written } = recording(mock, [directory, "--quiet", ...OFTEN]);
  await moment;
  child.kill("SIGTERM");
  expect(await end).toEqual({ code: 0, signal: null });
  expect(written.stdout).toBe("");
  const lines = await linesOf(directory);
  expect(lines.slice(0, known.length)).toEqual(known);
  expect(lines.at(-1)?.event).toBe("recording_stopped");
  const starts = lines.filter(({ event }) => event === "segment_started").length;
  expect(starts).toBeGreaterThan(1);
  expect(lines.filter(({ event }) => event === "gap").length).toBe(starts - 1);
  expect(readdirSync(directory).filter((name) => !/\.ndjson(\.gz|\.torn)$/.test(name))).toEqual([]);
  // What a recorder knew to have ended is not told again by the next.
  const ended = lines.flatMap((line) => (line.event === "task_ended" ? [line.id] : []));
  expect(new Set(ended).size).toBe(ended.length);
}, 60_000);

test("a second recorder of a journal is refused, with the name of the first", async () => {
  const mock = await mockOf(1);
  const directory = newDirectory();
  const moment = newSegment(directory);
  const first = recording(mock, [directory, "--quiet"]);
  await moment;
  const { port } = new URL(mock.urls[0] as string);
  const second = await runTasks(["-h", "127.0.0.1", "-p", port, "record", directory]);
  expect(second).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(
      new RegExp(
        `cannot write to the journal '${directory}': another recorder is writing to it: process ${first.child.pid} on `,
      ),
    ),
  });
  first.child.kill("SIGINT");
  expect(await first.end).toEqual({ code: 0, signal: null });
});

test("where files can grow no more it says so, goes on, and writes again when it can", async () => {
  const mock = await mockOf(20);
  const directory = newDirectory();
  const recorder = recording(mock, [directory, ...OFTEN], 'ulimit -f 128; exec "$@"');
  await said(recorder, "warning: writing to the journal again");
  recorder.child.kill("SIGTERM");
  expect(await recorder.end).toEqual({ code: 0, signal: null });
  expect(recorder.written.stderr).toContain("warning: cannot write to the journal: EFBIG");
  const lines = await linesOf(directory);
  expect(lines.filter((line) => line.event === "gap" && /EFBIG/.test(line.reason)).length).toBeGreaterThan(0);
}, 60_000);

test("the ttl is raised while it records, and set back; after a crash by the next one", async () => {
  const mock = await mockOf(1, 2);
  const ttls = () => Promise.all(mock.urls.map(async (url) => await (await fetch(`${url}/task_manager/ttl`)).json()));
  await fetch(`${mock.urls[0]}/task_manager/ttl?ttl=7`, { method: "POST" });
  const directory = join(newDirectory(), "journal");
  mkdirSync(directory);
  const args = ["-a", directory, "--quiet", "--raise-ttl", "10m"];
  const begun = newSegment(directory);
  const first = recording(mock, args);
  await begun;
  expect(await ttls()).toEqual([600, 600]);
  first.child.kill("SIGKILL");
  await first.end;
  expect(await ttls()).toEqual([600, 600]);
  const begunAgain = newSegment(directory);
  const second = recording(mock, args);
  await begunAgain;
  second.child.kill("SIGTERM");
  expect(await second.end).toEqual({ code: 0, signal: null });
  expect(await ttls()).toEqual([7, 0]);
  expect(existsSync(join(directory, "raised-ttl.json"))).toBe(false);
}, 60_000);

test("a stream of lines ends quietly with its reader", async () => {
  const mock = await mockOf(20);
  const recorder = recording(mock, ["--stdout", "--quiet", ...OFTEN]);
  const first = await new Promise<string>((resolve) => recorder.child.stdout?.once("data", resolve));
  expect(JSON.parse(first.split("\n")[0] as string)).toMatchObject({ event: "segment_started", version: 1 });
  recorder.child.stdout?.destroy();
  expect(await recorder.end).toEqual({ code: 0, signal: null });
  expect(recorder.written.stderr).not.toContain("error");
});
