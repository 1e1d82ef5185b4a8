// Runs commands and measures them from outside: time, peak memory, time to the first byte.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** The environment of every measured process: without what the machine adds to each start of Node. */
const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined, TASKS_CONFIG: "/nonexistent" };
delete env.NODE_EXTRA_CA_CERTS;

/** Runs one command to its end. */
export function measure([command, ...args], { keep = false } = {}) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let maxRssKb = 0;
    let firstByteMs;
    let bytes = 0;
    let stderr = "";
    const hash = createHash("sha256");
    const kept = [];
    const look = setInterval(() => {
      try {
        const text = readFileSync(`/proc/${child.pid}/status`, "utf8");
        maxRssKb = Math.max(maxRssKb, Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0));
      } catch {
        // It ended, or there is no /proc: memory is then not measured.
      }
    }, 5);
    child.stdout.on("data", (chunk) => {
      firstByteMs ??= performance.now() - started;
      bytes += chunk.length;
      hash.update(chunk);
      if (keep) kept.push(chunk);
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(look);
      resolve({
        code,
        ms: performance.now() - started,
        maxRssMb: maxRssKb / 1024,
        firstByteMs,
        bytes,
        hash: hash.digest("hex"),
        stdout: keep ? Buffer.concat(kept) : undefined,
        stderr,
      });
    });
  });
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/**
 * Measures several commands side by side: a round of all, then the next, so that a slow moment of the machine meets all alike.
 * @returns for each name the medians
 */
export async function interleave(commands, rounds) {
  const runs = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(commands)) runs[name].push(await measure(command));
  }
  return Object.fromEntries(
    Object.entries(runs).map(([name, all]) => [
      name,
      {
        ms: median(all.map(({ ms }) => ms)),
        maxRssMb: Math.max(...all.map(({ maxRssMb }) => maxRssMb)),
        firstByteMs: median(all.map(({ firstByteMs = 0 }) => firstByteMs)),
        codes: [...new Set(all.map(({ code }) => code))],
      },
    ]),
  );
}

/** A table of Markdown. */
export function table(titles, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

export const ratio = (a, b) => (a / b).toFixed(2);
export const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
export const megabytes = (mb) => `${Math.round(mb)} MB`;

/** Ends the bench where an output is not what the slow way gives: a fast wrong answer is worth nothing. */
export function mustEqual(what, a, b) {
  if (a !== b) throw new Error(`${what}: the output is not equal to the slow path's`);
}
