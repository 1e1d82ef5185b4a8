import { expect, inject, test } from "vitest";
import type { JournalLine } from "../../src/journal/journal-line.js";
import { Random } from "../../src/mock/random.js";
import { linesOf, newDirectory } from "../fixtures/recorded.js";
import { DAY_STEP_MS, type RecordedDay, recordDay } from "../fixtures/recorded-day.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import type { Period, TrueTask } from "../fixtures/truth.js";

const { hours, seed, scenarios } = inject("day");

/** Times of servers are in whole seconds, and an answer is under way for some steps. */
const SLACK_MS = 1000 + 2 * DAY_STEP_MS;
/** What was there for so long was looked at, slow and wrong answers or not. */
const SEEN_AFTER_MS = 45_000;
/** Where nothing changed before the recorder was killed, its last line is so old at most: a minute, a tick, and a look. */
const LAST_LINE_MS = 60_000 + 20_000;

/** A run as `history` tells of it. */
interface Run {
  readonly task_id: string;
  readonly node: string | null;
  readonly module: string;
  readonly type: string;
  readonly kind: string;
  readonly state: string;
  readonly keyspace: string;
  readonly table: string;
  readonly parent_id: string | null;
  readonly end_time: string;
  readonly end_within_ms: number | null;
  readonly duration_seconds: number | null;
  readonly within_ms: number | null;
  readonly amount: number | null;
  readonly error: string;
}

const isWithin = (ms: number, { fromMs, toMs }: Period, marginMs = 0) => fromMs + marginMs <= ms && ms < toMs;
const endOf = ({ end_time }: Run) => Date.parse(end_time);
/** Some servers do not say it. */
const beginOf = ({ task, createdMs }: TrueTask) => task.startTimeMs || createdMs;
const isListed = ({ task }: TrueTask) => !task.isInternal;
const isRoot = ({ task }: TrueTask) => task.parent === undefined && isListed({ task } as TrueTask);

/** Asks the journal of a day, and compares what it says with what was. */
class Questions {
  readonly findings: string[] = [];
  readonly #day: RecordedDay;
  readonly #random: Random;
  #about = "";

  constructor(day: RecordedDay) {
    this.#day = day;
    this.#random = new Random(seed, "questions");
  }

  async all(): Promise<string[]> {
    for (const line of await linesOf(this.#day.journal)) this.#checkLine(line);
    const every = await this.#rows<Run>("history", "--internal");
    for (const run of every) this.#checkRun(run);
    const runs = await this.#rows<Run>("history");
    this.#checkComplete(new Map(runs.map((run) => [run.task_id, run])));
    for (const by of ["table", "keyspace", "node", "type", "module"]) await this.#checkGroups(by, runs);
    await this.#checkLast(runs);
    await this.#checkTimes(16);
    await this.#checkGaps();
    for (const type of new Set(runs.map((run) => run.type))) {
      const [one, other] = this.#some(
        2,
        runs.filter((run) => run.type === type),
      );
      if (one !== undefined) await this.#checkTask(one);
      if (one !== undefined && other !== undefined) await this.#checkComparison(one, other);
    }
    return this.findings;
  }

  #expect(isRight: boolean, what: string): void {
    if (!isRight) this.findings.push(`${this.#about}: ${what}`);
  }

  async #ask(...args: string[]) {
    this.#about = args.join(" ");
    return await runInProcess(["--from", this.#day.journal, ...args]);
  }

  async #rows<T>(...args: string[]): Promise<T[]> {
    const { code, stdout, stderr } = await this.#ask(...args, "-o", "ndjson");
    this.#expect(code === 0, `exit code ${code}, ${stderr}`);
    return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as T]));
  }

  // biome-ignore lint/suspicious/noExplicitAny: what each command prints is in schema/.
  async #document(...args: string[]): Promise<any> {
    const { code, stdout, stderr } = await this.#ask(...args, "--json");
    this.#expect(stdout !== "", `exit code ${code}, ${stderr}`);
    return stdout === "" ? undefined : JSON.parse(stdout);
  }

  #some<T>(count: number, of: readonly T[]): T[] {
    const left = [...of];
    return Array.from({ length: Math.min(count, left.length) }).flatMap(() =>
      left.splice(Math.floor(this.#random.next() * left.length), 1),
    );
  }

  /** A task ended when the recorder says that it did, within what it says. */
  #checkLine(line: JournalLine): void {
    if (line.event !== "task_ended" && line.event !== "task_gone") return;
    this.#about = JSON.stringify(line);
    const endMs = this.#day.truth.tasks.get(line.id)?.endMs ?? Number.POSITIVE_INFINITY;
    const atMs = Date.parse(line.at);
    this.#expect(endMs <= atMs, "it ended later");
    this.#expect(endMs >= atMs - line.within_ms - 2 * DAY_STEP_MS, "it ended earlier");
  }

  /** What is said of a run was so, within what is said of its times. */
  #checkRun(run: Run): void {
    this.#about = JSON.stringify(run);
    const known = this.#day.truth.tasks.get(run.task_id);
    this.#expect(known?.endMs !== undefined, known ? "it has not ended" : "there was no such task");
    if (known?.endMs === undefined) return;
    const { task, endMs, isLost } = known;
    const { moduleName: module, type, kind, keyspace, table } = task;
    const was = {
      node: task.nodeAddress ?? null,
      module,
      type,
      kind,
      keyspace,
      table,
      // What went before anybody could look at it, and was only listed, does not say of what it was a part.
      ...(run.state !== "gone" && { parent_id: task.parentId ?? null }),
    };
    for (const [name, value] of Object.entries(was))
      this.#expect(run[name as keyof Run] === value, `${name}: ${value}`);
    const { completed, total } = task.progress;
    if (run.state !== "gone") {
      this.#expect(!isLost && run.state === task.state, isLost ? "nobody knows how it ended" : `it was ${task.state}`);
      // Of one that was read no more, the list said how it ended, and nothing of its error.
      const sent = Buffer.from(task.error).toString();
      this.#expect(sent.startsWith(run.error), `its error: ${sent}`);
      if (run.state === "done" && run.parent_id === null && run.amount !== null) {
        this.#expect(run.amount === Math.max(completed, total), `it did ${completed} of ${total}`);
      }
    }
    const ended = new Date(endMs).toISOString();
    this.#expect(endMs <= endOf(run) + SLACK_MS, `it ended later, ${ended}`);
    this.#expect(endMs >= endOf(run) - (run.end_within_ms ?? Number.POSITIVE_INFINITY) - SLACK_MS, `earlier, ${ended}`);
    if (run.duration_seconds !== null)
      this.#checkTook(run.duration_seconds, run.within_ms ?? 0, endMs - beginOf(known));
  }

  #checkTook(seconds: number, withinMs: number, ms: number): void {
    this.#expect(
      Math.abs(seconds * 1000 - ms) <= withinMs + SLACK_MS,
      `${ms} ms, not ${seconds} s within ${withinMs} ms`,
    );
  }

  #isRecorded(fromMs: number, toMs: number): boolean {
    return this.#day.recorded.some((period) => isWithin(fromMs, period) && isWithin(toMs, period));
  }

  #isUp(address: string | undefined, fromMs: number, toMs: number): boolean {
    const down = address === undefined ? [] : (this.#day.truth.down.get(address) ?? []);
    return down.every((period) => toMs < period.fromMs || period.toMs <= fromMs);
  }

  /** What was there for long while a recorder ran and its node was up is there, with its end. */
  #checkComplete(runs: ReadonlyMap<string, Run>): void {
    for (const known of this.#day.truth.tasks.values()) {
      const { task, createdMs, endMs, isLost } = known;
      if (!isRoot(known) || endMs === undefined || isLost || endMs - createdMs < SEEN_AFTER_MS) continue;
      const isSeen = this.#isRecorded(endMs - SEEN_AFTER_MS, endMs + SEEN_AFTER_MS);
      if (!isSeen || !this.#isUp(task.nodeAddress, endMs - SEEN_AFTER_MS, endMs + SEEN_AFTER_MS)) continue;
      this.#about = `${task.type} ${task.id}, ended ${new Date(endMs).toISOString()}`;
      const run = runs.get(task.id);
      this.#expect(run !== undefined && run.state !== "gone", run ? "nobody knows how it ended" : "it is not there");
    }
  }

  /** Groups are what the runs come to. */
  async #checkGroups(by: string, runs: readonly Run[]): Promise<void> {
    const names = by === "table" ? (["keyspace", "table"] as const) : ([by as "node"] as const);
    const keyOf = (of: Pick<Run, "node" | "keyspace" | "table">) => names.map((name) => of[name] || null).join();
    const groups = new Map<string, Run[]>();
    for (const run of runs) groups.set(keyOf(run), [...(groups.get(keyOf(run)) ?? []), run]);
    const rows = await this.#rows<Run & Record<string, unknown>>("history", "--by", by);
    this.#expect(rows.length === groups.size, `${groups.size} groups`);
    for (const row of rows) {
      const group = groups.get(keyOf(row)) ?? [];
      const done = group.filter(({ state }) => state === "done");
      const took = done.flatMap(({ duration_seconds }) => duration_seconds ?? []).sort((a, b) => a - b);
      const expected = {
        count: group.length,
        failed: group.filter(({ state }) => state === "failed").length,
        gone: group.filter(({ state }) => state === "gone").length,
        last_success:
          done
            .map((run) => run.end_time)
            .sort((a, b) => Date.parse(a) - Date.parse(b))
            .at(-1) ?? null,
        p95_seconds: took[Math.ceil(took.length * 0.95) - 1] ?? null,
        slowest_seconds: took.at(-1) ?? null,
      };
      for (const [name, value] of Object.entries(expected))
        this.#expect(row[name] === value, `${keyOf(row)} ${name}: ${value}`);
      const below = took.filter((seconds) => seconds < Number(row.median_seconds)).length;
      const above = took.filter((seconds) => seconds > Number(row.median_seconds)).length;
      this.#expect(Math.max(below, above) <= took.length / 2, `${keyOf(row)} median ${row.median_seconds}`);
    }
  }

  /** When each table was repaired last. */
  async #checkLast(runs: readonly Run[]): Promise<void> {
    const repairs = runs.filter(({ type, state }) => state === "done" && (type === "repair" || type === "user_repair"));
    const rows = await this.#rows<Run & { readonly last_success: string | null }>("history", "--last", "repair");
    this.#expect(rows.length > 0, "no table");
    for (const { keyspace, table, last_success } of rows) {
      const of = repairs.filter((run) => run.keyspace === keyspace && (run.table === table || run.table === ""));
      const last = of.length === 0 ? null : Math.max(...of.map(endOf));
      this.#expect((last_success && Date.parse(last_success)) === last, `${keyspace}.${table}: ${last}`);
    }
  }

  /** What was listed at a time ran then; what ran is listed; and what was not watched is said. */
  async #checkTimes(count: number): Promise<void> {
    const { truth, recorded, endMs } = this.#day;
    const [first] = recorded;
    for (let asked = 0; asked < count && first !== undefined; asked++) {
      const atMs =
        first.fromMs + SEEN_AFTER_MS + Math.floor(this.#random.next() * (endMs - first.fromMs - SEEN_AFTER_MS));
      const args = ["--at", new Date(atMs).toISOString(), "list", "--all", "--json"];
      const { code, stdout, stderr } = await this.#ask(...args);
      const isWatched = this.#isRecorded(atMs - SEEN_AFTER_MS, atMs);
      const nodes = [...truth.down.keys()];
      const areUp = nodes.every((node) => this.#isUp(node, atMs - 3 * SEEN_AFTER_MS, atMs));
      if (areUp && this.#isRecorded(atMs - 3 * SEEN_AFTER_MS, atMs + LAST_LINE_MS))
        this.#expect(code === 0, `exit code ${code}, and all was watched: ${stderr}`);
      const shown = new Map((JSON.parse(stdout).tasks as Run[]).map((row) => [row.task_id, row.state]));
      for (const [id, state] of shown) {
        const known = truth.tasks.get(id);
        const hasEnded = (known?.endMs ?? Number.POSITIVE_INFINITY) <= atMs + SLACK_MS;
        const isOver = state !== "running" && state !== "created";
        if (isOver) this.#expect(hasEnded && (state === "gone" || state === known?.task.state), `${id} is ${state}`);
        const isLong = (known?.endMs ?? Number.POSITIVE_INFINITY) < atMs - SEEN_AFTER_MS;
        if (!isOver && isWatched && this.#isUp(known?.task.nodeAddress, atMs - SEEN_AFTER_MS, atMs))
          this.#expect(!isLong, `${id} is ${state} still`);
      }
      for (const known of truth.tasks.values()) {
        const { task, createdMs, endMs: overMs = Number.POSITIVE_INFINITY } = known;
        if (!isListed(known) || createdMs > atMs - SEEN_AFTER_MS || overMs < atMs + SLACK_MS) continue;
        if (!isWatched || !this.#isUp(task.nodeAddress, atMs - SEEN_AFTER_MS, atMs)) continue;
        this.#expect(
          shown.get(task.id) === "running" || shown.get(task.id) === "created",
          `${task.type} ${task.id} is missing`,
        );
      }
    }
  }

  /** While no recorder ran, nothing was watched, and that is said. */
  async #checkGaps(): Promise<void> {
    for (const [index, { toMs }] of this.#day.recorded.slice(0, -1).entries()) {
      const nextMs = this.#day.recorded[index + 1]?.fromMs ?? 0;
      const { code, stderr } = await this.#ask("--at", new Date((toMs + nextMs) / 2).toISOString(), "list", "--all");
      this.#expect(code === 3 && stderr.includes("nothing was recorded"), `exit code ${code} in a gap: ${stderr}`);
    }
  }

  /** A single task, as if its server were asked. */
  async #checkTask({ task_id: id, state, error }: Run): Promise<void> {
    this.#expect((await this.#document("status", id))?.state === state, `not ${state}`);
    const wait = await this.#ask("wait", id, "--quiet");
    this.#expect(
      wait.code === (state === "done" ? 0 : state === "failed" ? 123 : 125),
      `exit code ${wait.code} of ${state}`,
    );
    const told = JSON.stringify(await this.#document("explain", id));
    this.#expect(told?.includes(JSON.stringify(error).slice(1, -1)), `nothing of ${error}`);
    const known = this.#day.truth.tasks.get(id) as TrueTask;
    for (const part of ((await this.#document("tree", id))?.tasks ?? []) as {
      readonly id: string;
      readonly state: string;
    }[]) {
      const of = this.#day.truth.tasks.get(part.id);
      if (part.state !== "gone") this.#expect(part.state === of?.task.state, `${part.id} is ${part.state}`);
      this.#expect(isBelow(of, known), `${part.id} is no part`);
    }
    const timeline = await this.#document("timeline", id, "--by", "task");
    if (timeline === undefined) return;
    let fromMs = Date.parse(timeline.start_time);
    for (const part of timeline.critical_path) {
      this.#expect(Date.parse(part.from) === fromMs, `the critical path has a gap at ${part.from}`);
      fromMs = Date.parse(part.to);
    }
    if (timeline.end_time !== null && timeline.within_ms !== null) {
      this.#expect(fromMs === Date.parse(timeline.end_time), "the critical path ends before its task");
      this.#checkTook(timeline.duration_seconds, timeline.within_ms, (known.endMs as number) - beginOf(known));
    }
    for (const lane of timeline.lanes) {
      const of = this.#day.truth.tasks.get(lane.id);
      if (of?.endMs === undefined || lane.busy_seconds === 0 || of.task.hadChildren) continue;
      this.#checkTook(lane.busy_seconds, lane.within_ms, of.endMs - beginOf(of));
    }
  }

  async #checkComparison(one: Run, other: Run): Promise<void> {
    const comparison = await this.#document("compare", one.task_id, other.task_id);
    if (comparison === undefined) return;
    const { first, second, difference_seconds, within_ms } = comparison;
    const tookOf = ({ task_id }: Run) => {
      const known = this.#day.truth.tasks.get(task_id) as TrueTask;
      return (known.endMs ?? 0) - beginOf(known);
    };
    for (const [run, { duration_seconds, within_ms: withinMs }] of [
      [one, first],
      [other, second],
    ] as const) {
      if (duration_seconds !== null) this.#checkTook(duration_seconds, withinMs, tookOf(run));
    }
    if (difference_seconds === null) return;
    this.#expect(
      Math.abs(difference_seconds * 1000 - (tookOf(other) - tookOf(one))) <= within_ms + 2 * SLACK_MS,
      `the difference is not ${difference_seconds} s within ${within_ms} ms`,
    );
  }
}

function isBelow(part: TrueTask | undefined, root: TrueTask): boolean {
  let task = part?.task;
  while (task !== undefined && task !== root.task) task = task.parent;
  return task !== undefined;
}

test.each(scenarios)(
  `%s for ${hours} h, nodes die, the recorder is killed: what the journal answers is so`,
  async (scenario) => {
    const day = await recordDay({ scenario, hours, seed, directory: newDirectory() });
    expect(day.truth.tasks.size).toBeGreaterThan(20);
    expect((await new Questions(day).all()).slice(0, 20)).toEqual([]);
  },
  hours * 1_800_000 + 120_000,
);
