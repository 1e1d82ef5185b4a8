import { readdirSync, readFileSync } from "node:fs";
import { platform } from "node:os";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type MockProcess, mockProcess } from "../fixtures/mock-process.js";
import { runTasks, started } from "../fixtures/run-tasks.js";

/** What a process holds at one moment. */
interface Held {
  readonly residentMiB: number;
  readonly handles: number;
  readonly processes: number;
}

function held(pid: number): Held {
  const [, kib = ""] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return {
    residentMiB: Number(kib) / 1024,
    handles: readdirSync(`/proc/${pid}/fd`).length,
    processes: children === "" ? 0 : children.split(" ").length,
  };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** What garbage collection leaves lying about between two looks. */
const SLACK_MIB = 40;
/** Connections that happen to be open at the moment of a look. */
const SLACK_HANDLES = 12;

const { seconds } = inject("soak");

let mock: MockProcess;
let repeated: ReturnType<typeof started>;

beforeAll(async () => {
  mock = await mockProcess(["--scenario", "default", "--speed", "20", "--nodes", "3", "--port", "0"], 3);
  const list = ["list", "--all", "--internal", "-i", "2147483647", "--interval", "1", "-o", "ndjson"];
  repeated = started(["--url", mock.urls[0] as string, "-a", ...list]);
  repeated.child.stdout?.removeAllListeners("data").resume();
});

afterAll(async () => {
  repeated.child.kill("SIGTERM");
  await repeated.end;
  await mock.stop();
});

describe("what runs for long", () => {
  it.runIf(platform() === "linux")(
    `holds no more after ${seconds} s than at its start`,
    async () => {
      const subjects = { mock: mock.child.pid as number, list: repeated.child.pid as number };
      const looks = { mock: [] as Held[], list: [] as Held[] };
      const url = mock.urls[0] as string;
      const endMs = performance.now() + seconds * 1000;
      // Other clients come and go meanwhile: those that ask, those that wait, those that break off.
      while (performance.now() < endMs) {
        await runTasks(["--url", url, "-a", "tree", "--limit", "200", "-o", "name"]);
        await runTasks(["--url", url, "wait", "--module", "compaction", "--timeout", "3", "--quiet"]);
        const broken = started(["--url", url, "list", "compaction", "--internal"]);
        broken.child.kill("SIGKILL");
        await broken.end;
        for (const [name, pid] of Object.entries(subjects)) looks[name as keyof typeof looks].push(held(pid));
      }
      expect(repeated.child.exitCode).toBeNull();
      for (const all of Object.values(looks)) {
        const third = Math.max(1, Math.floor(all.length / 3));
        const [early, late] = [all.slice(third, 2 * third), all.slice(-third)];
        const growth = (of: (one: Held) => number) => median(late.map(of)) - median(early.map(of));
        expect(growth(({ residentMiB }) => residentMiB)).toBeLessThan(SLACK_MIB);
        expect(growth(({ handles }) => handles)).toBeLessThan(SLACK_HANDLES);
        expect(growth(({ processes }) => processes)).toBe(0);
      }
    },
    (seconds + 120) * 1000,
  );
});
