import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import type { JournalLine, TaskEnded } from "../../src/journal/journal-line.js";
import type { ManualClock, MockCluster, Task } from "../../src/mock/index.js";
import { Random } from "../../src/mock/random.js";
import { linesOf, mockToRecord, recordFor, START, STEP_MS } from "../fixtures/recorded.js";

const validate = new Ajv({ strict: true, allErrors: true }).compile(
  JSON.parse(readFileSync(new URL("../../schema/journal.schema.json", import.meta.url), "utf8")),
);

const SECONDS = 240;

/** Trees of tasks on three nodes, and tasks of the cluster, that begin and end at times that follow from a seed. */
function drive(mock: MockCluster, clock: ManualClock, seed: number): Task[] {
  const random = new Random(seed, "tasks");
  const tasks: Task[] = [];
  const upTo = (most: number) => Math.floor(random.next() * most);
  const at = (ms: number, act: () => void) => clock.schedule(Math.max(ms, clock.nowMs() + 1), act, undefined);
  const end = (task: Task) => (random.next() < 0.3 ? task.fail(`error ${upTo(1000)}`) : task.finish());
  const live = (task: Task, beginMs: number, endMs: number) => {
    for (let ms = beginMs; ms < endMs; ms += 7_000) at(ms, () => task.reportProgress(ms - beginMs, endMs - beginMs));
    at(endMs, () => end(task));
  };
  const grow = (parent: Task, beginMs: number, endMs: number, depth: number) => {
    for (let child = upTo(4); child > 0; child--) {
      const childEndMs = beginMs + 1 + upTo(endMs - beginMs - 2);
      at(beginMs, () => {
        const { moduleName: module, type, keyspace } = parent;
        const task = mock.create({ module, type, scope: "shard", keyspace, parent });
        tasks.push(task);
        live(task, beginMs, childEndMs);
        if (depth > 1) grow(task, beginMs, childEndMs, depth - 1);
      });
    }
  };
  for (let root = 0; root < 20; root++) {
    const beginMs = START + upTo(SECONDS * 700);
    const endMs = beginMs + 2_000 + upTo(100_000);
    at(beginMs, () => {
      const isCluster = random.next() < 0.2;
      const task = mock.create(
        isCluster
          ? {
              module: "tablets",
              type: "user_repair",
              scope: "table",
              kind: "cluster",
              keyspace: "shop",
              table: "orders",
            }
          : {
              module: random.next() < 0.5 ? "compaction" : "repair",
              type: "repair",
              scope: "keyspace",
              keyspace: "shop",
              node: upTo(3),
              isUserTask: true,
            },
      );
      tasks.push(task);
      live(task, beginMs, endMs);
      if (!isCluster) grow(task, beginMs, endMs, 3);
    });
  }
  return tasks;
}

const endsOf = (lines: readonly JournalLine[]) =>
  new Map(lines.filter((line): line is TaskEnded => line.event === "task_ended").map((line) => [line.id, line]));

/** What is said of a tablet repair by servers that do not tell an abort or failure from success. */
const isUntold = (task: Task, release: string) =>
  task.kind === "cluster" && ["6.2", "seed", "2025.1"].includes(release);

test.each(["6.2", "seed", "2025.1", "latest"])(
  "on %s it records what happened, and destroys nothing",
  async (release) => {
    const { clock, mock, directory } = await mockToRecord({ release, nodes: 3 });
    for (const url of mock.urls) await fetch(`${url}/task_manager/ttl?ttl=3600`, { method: "POST" });
    mock.clearRequests();
    const isOld = release === "6.2" || release === "seed";
    const tasks = drive(mock, clock, 7);
    await recordFor(SECONDS + 120, mock, clock, { directory });
    const lines = await linesOf(directory);
    for (const line of lines) expect(validate(line), JSON.stringify([line, validate.errors])).toBe(true);

    const seen = new Set(lines.flatMap((line) => (line.event === "task_seen" ? [line.id] : [])));
    const ends = endsOf(lines);
    const roots = tasks.filter(({ parent, kind }) => parent === undefined && (kind === "node" || !isOld));
    for (const task of roots) {
      expect(seen.has(task.id), `${task.id} was never seen`).toBe(true);
      // A repair of tablets whose server forgets it at once can begin and end between two looks.
      if (task.kind === "node") expect(ends.has(task.id), `${task.id} has no end`).toBe(true);
    }
    let exact = 0;
    let parts = 0;
    for (const task of tasks) {
      const end = ends.get(task.id);
      if (end === undefined) continue;
      if (!isUntold(task, release))
        expect({ id: task.id, state: end.task.state }).toEqual({ id: task.id, state: task.state });
      if (task.kind === "node" && !end.inferred) expect(end.task.error).toBe(task.error);
      const atMs = Date.parse(end.at);
      expect(task.endTimeMs, `${task.id} ended later than was recorded`).toBeLessThanOrEqual(atMs);
      expect(task.endTimeMs, `${task.id} ended before the time that was recorded`).toBeGreaterThanOrEqual(
        atMs - end.within_ms - 2 * STEP_MS,
      );
      if (end.within_ms === 0) exact++;
      if (task.parent !== undefined) parts++;
    }
    // Only what began and ended between two looks was seen too late to be waited for.
    expect(exact).toBeGreaterThan(roots.length * 0.7);
    if (!isOld) expect(parts).toBe(tasks.filter(({ id, parent }) => parent !== undefined && seen.has(id)).length);

    for (const task of tasks.filter(({ parent, kind }) => parent === undefined && kind === "node")) {
      expect(task.isRegistered, `${task.id} was destroyed`).toBe(true);
    }
  },
  60_000,
);

const HOUR_MS = 3_600_000;

test("when the clock is set back, the recorder says so and goes on watching, and no time becomes more precise than it is", async () => {
  const { clock, mock, directory } = await mockToRecord();
  for (const which of ["ttl", "user_ttl"]) {
    await fetch(`${mock.urls[0]}/task_manager/${which}?${which}=3600`, { method: "POST" });
  }
  const task = mock.create({ module: "repair", type: "repair", scope: "keyspace", isUserTask: true });
  const part = mock.create({ module: "repair", type: "repair", scope: "shard", parent: task });
  for (let second = 1; second < 90; second++) {
    clock.schedule(START + second * 1000, () => part.reportProgress(second, 100), undefined);
  }
  clock.schedule(START + 65_000, () => part.fail("a replica is down"), undefined);
  const setBackMs = START + 33_000;
  const said = await recordFor(90, mock, clock, { directory }, () => (clock.nowMs() < setBackMs ? 0 : -HOUR_MS));
  expect(said).toContain("the clock was set back by 1h00m");
  const lines = (await linesOf(directory)).filter((line) => "id" in line && line.id === part.id);
  const secondsOf = ({ at }: JournalLine) => (Date.parse(at) - START) / 1000;
  const after = lines.filter((line) => secondsOf(line) < 0);
  expect(after.filter(({ event }) => event === "task_progress").length).toBeGreaterThan(1);
  const end = after.find((line): line is TaskEnded => line.event === "task_ended");
  expect(end && secondsOf(end) + 3600).toBeCloseTo(70, 0);
  expect(end?.within_ms).toBeGreaterThanOrEqual(5_000);
  expect(end?.within_ms).toBeLessThanOrEqual(11_000);
});

test("for a task that ended before the wait began, the time of the answer is not recorded as its end", async () => {
  const { clock, mock, directory } = await mockToRecord();
  await fetch(`${mock.urls[0]}/task_manager/user_ttl?user_ttl=3600`, { method: "POST" });
  const task = mock.create({ module: "repair", type: "repair", scope: "keyspace", isUserTask: true });
  // The request that waits is long on its way.
  const end = mock.addFault({ path: "/task_manager/wait_task/*", latencyMs: 8_000 });
  clock.schedule(START + 2_000, () => task.finish(), undefined);
  await recordFor(30, mock, clock, { directory });
  end();
  const line = (await linesOf(directory)).find((each): each is TaskEnded => each.event === "task_ended");
  const atMs = Date.parse(line?.at ?? "");
  expect(atMs - (line?.within_ms ?? 0)).toBeLessThanOrEqual(START + 2_000);
});
