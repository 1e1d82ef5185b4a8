// Runs commands and measures them from outside: time, peak memory, time to the first byte.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** The environment of every measured process: nothing of the user's settings, nor what slows each start of Node. */
const env = { ...process.env, TASKS_CONFIG: "/nonexistent" };
for (const name of ["NODE_EXTRA_CA_CERTS", "NODE_OPTIONS", "FORCE_COLOR"]) delete env[name];

const LOOK_EVERY_MS = 5;

/**
 * Runs one command to its end.
 * @param options.keep keep what it prints, beside its hash
 * @param options.onFirstByte called once when it prints something
 * @throws Error where it ends with another code than `expectedCode`
 */
export function measure([command, ...args], { keep = false, expectedCode = 0, onFirstByte } = {}) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let peakKb = 0;
    let firstByteMs;
    let bytes = 0;
    let stderr = "";
    const hash = createHash("sha256");
    const kept = [];
    const look = setInterval(() => {
      peakKb = Math.max(peakKb, peakMemoryKb(child.pid));
    }, LOOK_EVERY_MS);
    child.stdout.on("data", (chunk) => {
      if (firstByteMs === undefined) {
        firstByteMs = performance.now() - started;
        onFirstByte?.();
      }
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
      const ms = performance.now() - started;
      if (code !== expectedCode) {
        reject(new Error(`${[command, ...args].join(" ")} ended with ${code}: ${stderr.slice(0, 500)}`));
        return;
      }
      const stdout = keep ? Buffer.concat(kept).toString("utf8") : undefined;
      resolve({ ms, startedAt: started, peakMb: peakKb / 1024, firstByteMs, bytes, hash: hash.digest("hex"), stdout });
    });
  });
}

/** The most memory that a process ever held; 0 where there is no /proc, or it ended. */
function peakMemoryKb(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/**
 * Measures several commands side by side: a round of all, then the next, so that a slow moment of the machine meets all alike.
 * @param commands by name: a command, or `[command, options of measure]` in an object `{ command, ...options }`
 */
export async function interleave(commands, rounds) {
  const runs = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, wanted] of Object.entries(commands)) {
      const { command, ...options } = Array.isArray(wanted) ? { command: wanted } : wanted;
      runs[name].push(await measure(command, options));
    }
  }
  return {
    ms: (name) => median(runs[name].map(({ ms }) => ms)),
    firstByteMs: (name) => median(runs[name].map(({ firstByteMs = 0 }) => firstByteMs)),
    peakMb: (name) => Math.max(...runs[name].map(({ peakMb }) => peakMb)),
    /** Of each round, then the median: a slow round is slow for both. */
    ratio: (name, base) => median(runs[name].map(({ ms }, round) => ms / runs[base][round].ms)),
    hashes: (name) => [...new Set(runs[name].map(({ hash }) => hash))],
  };
}

/** Ends the bench where an output is not what the slow way gives: a fast wrong answer is worth nothing. */
export function mustEqual(what, actual, expected) {
  if (actual !== expected) throw new Error(`${what}: not what the slow way gives`);
}

/** As {@link mustEqual}, of all runs of a command, by the hash of the slow way's pieces. */
export function mustPrint(what, hashes, pieces) {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  mustEqual(what, hashes.join(), hash.digest("hex"));
}
