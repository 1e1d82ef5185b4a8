// The full screen of `tasks top` on a terminal of 200 by 50: bytes a look, the processor's time when nothing changes, and what a frame takes.

import { readFileSync } from "node:fs";
import { spawn } from "@lydell/node-pty";
import { idOf } from "../answers.mjs";
import { TASKS } from "../commands.mjs";
import { median } from "../measure.mjs";
import { serve } from "../servers.mjs";
import { table } from "../text.mjs";

const ROWS = 50;
const TASKS_SHOWN = 60;
/** The default of `tasks top`. */
const INTERVAL_MS = 2000;
const IDLE_MS = 20_000;
/** Tasks that do not move are looked at ever more rarely: by then as rarely as that gets. */
const SETTLED_MS = 20_000;
const FRAMES = 300;
const CLOCK_TICKS_A_SECOND = 100;

export default async function top() {
  const rows = [];
  let keys;
  for (const [name, moves] of [
    ["every task moves", true],
    ["nothing changes", false],
  ]) {
    let looks = 0;
    const server = await serve((path) => answer(path, moves ? looks++ : 0));
    const program = spawn(process.execPath, [TASKS, "--url", server.url, "top"], {
      cols: 200,
      rows: ROWS,
      env: { ...process.env, TERM: "xterm-256color", LC_ALL: "C.UTF-8" },
    });
    let bytes = 0;
    program.onData((piece) => {
      bytes += Buffer.byteLength(piece);
    });
    await wait(SETTLED_MS);
    const before = { bytes, cpuMs: cpuMs(program.pid) };
    await wait(IDLE_MS);
    const after = { bytes, cpuMs: cpuMs(program.pid) };
    const frames = (IDLE_MS / INTERVAL_MS) | 0;
    rows.push([
      name,
      String(Math.round((after.bytes - before.bytes) / frames)),
      `${(((after.cpuMs - before.cpuMs) * 100) / IDLE_MS).toFixed(1)} %`,
    ]);
    if (!moves) keys = await framesOfKeys(program);
    program.write("q");
    await new Promise((resolve) => program.onExit(resolve));
    await server.stop();
  }
  return [
    table(["200 by 50, 60 running tasks, asked every 2 s", "bytes a look", "processor"], rows),
    table(["one frame, from a key to the screen", "time"], keys),
  ].join("\n\n");
}

/** Chooses the task below, then the one above, and so on: each key is answered with a frame. */
async function framesOfKeys(program) {
  let arrived = () => {};
  program.onData(() => arrived());
  const times = [];
  const beforeMs = cpuMs(program.pid);
  for (let count = 0; count < FRAMES; count++) {
    const answered = new Promise((resolve) => {
      arrived = resolve;
    });
    const started = performance.now();
    program.write(count % 2 === 0 ? "j" : "k");
    await answered;
    times.push(performance.now() - started);
  }
  const processor = (cpuMs(program.pid) - beforeMs) / FRAMES;
  return [
    ["by the clock, median", `${median(times).toFixed(1)} ms`],
    ["processor, mean", `${processor.toFixed(1)} ms`],
  ];
}

function answer(path, look) {
  if (path.endsWith("list_modules")) return ["compaction"];
  if (path.includes("list_module_tasks")) {
    return Array.from({ length: TASKS_SHOWN }, (_, index) => ({ ...task(index), task_id: idOf(index) }));
  }
  if (path.includes("task_status")) {
    return {
      ...task(0),
      id: path.split("/").at(-1),
      progress_completed: look,
      progress_total: 100_000,
      progress_units: "ranges",
    };
  }
  return "2026.1.5";
}

const task = (index) => ({
  state: "running",
  type: "major compaction",
  kind: "node",
  scope: "keyspace",
  keyspace: "shop",
  table: `table${index}`,
  start_time: "2026-01-01T00:00:00Z",
});

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS_A_SECOND;
}
