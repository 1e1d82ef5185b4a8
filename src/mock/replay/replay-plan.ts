import type { JournalLine, TaskEnded, TaskSeen } from "../../journal/journal-line.js";
import { EPOCH, NIL_UUID, NO_PARENT } from "../../vocabulary.js";
import { RELEASE_NAMES, releaseOf } from "../releases.js";
import type { Scenario } from "../scenarios/scenario.js";

/** The fields of a task as they were recorded. */
export type RecordedStatus = TaskSeen["task"];

/** A task to create in a replay. */
export interface ReplayedTask {
  readonly id: string;
  /** The recorded address; `null` for a cluster task. */
  readonly node: string | null;
  readonly module: string;
  readonly status: RecordedStatus;
}

/** Something that happens in a replay, with the time of the journal and the recorded addresses of nodes. */
export type ReplayStep = { readonly atMs: number } & (
  | { readonly does: "create"; readonly task: ReplayedTask }
  | { readonly does: "start"; readonly id: string; readonly startMs: number }
  | { readonly does: "progress"; readonly id: string; readonly completed: number; readonly total: number }
  | { readonly does: "end"; readonly id: string; readonly state: string; readonly error: string }
  | { readonly does: "forget"; readonly id: string }
  | { readonly does: "down" | "up"; readonly node: string }
);

/** A journal in a form that the mock can play. */
export interface ReplayPlan {
  /** Recorded addresses of the nodes, in the order of the nodes of the mock. */
  readonly nodes: readonly string[];
  readonly shards: number;
  /** For how long each node keeps finished tasks. */
  readonly ttlSeconds: readonly number[];
  readonly userTtlSeconds: readonly number[];
  /** `undefined` if the journal does not have it, or the mock has no such release. */
  readonly release: string | undefined;
  /** The keyspaces and tables; no tasks. */
  readonly scenario: Scenario;
  /** Time of the first line, in milliseconds since the epoch. */
  readonly beginMs: number;
  /** Earliest first. */
  readonly steps: readonly ReplayStep[];
}

/** How long finished tasks are kept on a node whose ttls were not recorded. */
const KEPT_SECONDS = 86_400;
const LEAST_SHARDS = 2;

/**
 * Prepares a journal for the mock.
 * @throws RangeError if there is nothing in it
 */
export async function planReplay(batches: AsyncIterable<readonly JournalLine[]>): Promise<ReplayPlan> {
  const planning = new Planning();
  for await (const lines of batches) for (const line of lines) planning.add(line);
  return planning.plan();
}

/** A task that has not ended yet. */
interface OpenTask extends ReplayedTask {
  status: RecordedStatus;
  createdMs: number;
  hasStarted: boolean;
  /** When its node came back. Whether the task survived is not known before the journal mentions it again. */
  backMs: number | undefined;
}

class Planning {
  readonly #steps: ReplayStep[] = [];
  readonly #open = new Map<string, OpenTask>();
  readonly #nodes = new Set<string>();
  readonly #lost = new Set<string>();
  readonly #ttls = new Map<string, { readonly ttl?: number | undefined; readonly user_ttl?: number | undefined }>();
  readonly #tables = new Map<string, Set<string>>();
  /** When the last child of a task ended, by its id: the task itself does not end before that. */
  readonly #lastChildEndMs = new Map<string, number>();
  #beginMs: number | undefined;
  #clusterName = "replayed cluster";
  #release: string | undefined;
  #shards = LEAST_SHARDS;

  add(line: JournalLine): void {
    const atMs = Date.parse(line.at);
    this.#beginMs ??= atMs;
    switch (line.event) {
      case "segment_started":
        for (const node of line.nodes) this.#nodes.add(node);
        for (const [node, ttls] of Object.entries(line.ttls ?? {})) {
          // Later values were set by somebody.
          if (!this.#ttls.has(node)) this.#ttls.set(node, ttls);
        }
        this.#clusterName = line.cluster ?? this.#clusterName;
        this.#release ??= releaseLike(Object.values(line.releases ?? {})[0] ?? "");
        break;
      case "task_seen":
        this.#see(line, atMs);
        break;
      case "task_progress":
        if (this.#live(line.id) !== undefined) this.#progress(line.id, atMs, line);
        break;
      case "task_changed":
        this.#change(line.id, line.task, atMs);
        break;
      case "task_ended":
        this.#end(line, atMs);
        break;
      case "task_gone":
        if (this.#open.delete(line.id)) this.#steps.push({ atMs, does: "forget", id: line.id });
        break;
      case "node_lost":
        this.#lose(line.node, atMs);
        break;
      case "node_back":
        this.#bringBack(line.node, atMs);
        break;
      default:
    }
  }

  plan(): ReplayPlan {
    if (this.#beginMs === undefined || this.#nodes.size === 0) {
      throw new RangeError("the journal holds nothing to replay");
    }
    const nodes = [...this.#nodes].sort(new Intl.Collator("en", { numeric: true }).compare);
    const ttls = nodes.map((node) => this.#ttls.get(node) ?? {});
    return {
      nodes,
      shards: this.#shards,
      ttlSeconds: ttls.map(({ ttl = KEPT_SECONDS }) => ttl),
      userTtlSeconds: ttls.map(({ ttl = KEPT_SECONDS, user_ttl = ttl }) => user_ttl),
      release: this.#release,
      beginMs: this.#beginMs,
      steps: this.#ordered(),
      scenario: {
        name: "replay",
        description: "what a journal has recorded",
        clusterName: this.#clusterName,
        keyspaces: [...this.#tables].map(([name, tables]) => ({ name, tables: [...tables] })),
        tasks: [],
      },
    };
  }

  /** Sorted by time; a cluster task that was listed after its first child is created before it. */
  #ordered(): ReplayStep[] {
    const firstChildMs = new Map<string, number>();
    for (const step of this.#steps) {
      const parent = step.does === "create" ? parentOf(step.task.status) : undefined;
      if (parent !== undefined) firstChildMs.set(parent, Math.min(step.atMs, firstChildMs.get(parent) ?? step.atMs));
    }
    const isOfCluster = (step: ReplayStep) => step.does === "create" && step.task.node === null;
    return this.#steps
      .map((step) => {
        if (step.does !== "create" || !isOfCluster(step)) return step;
        return { ...step, atMs: Math.min(step.atMs, firstChildMs.get(step.task.id) ?? step.atMs) };
      })
      .sort((a, b) => a.atMs - b.atMs || Number(isOfCluster(b)) - Number(isOfCluster(a)));
  }

  #see({ id, node, module, task: status }: TaskSeen, atMs: number): void {
    if (node !== null) this.#nodes.add(node);
    this.#shards = Math.max(this.#shards, (status.shard ?? 0) + 1);
    if (status.keyspace) {
      const tables = this.#tables.get(status.keyspace) ?? new Set();
      if (status.table) tables.add(status.table);
      this.#tables.set(status.keyspace, tables);
    }
    const known = this.#live(id);
    if (known !== undefined) {
      this.#change(id, status, atMs);
      this.#progress(id, atMs, progressOf(status));
      return;
    }
    const startMs = timeOf(status.start_time);
    const parent = this.#open.get(parentOf(status) ?? "");
    const createdMs = Math.max(Math.min(startMs ?? atMs, atMs), parent?.createdMs ?? Number.NEGATIVE_INFINITY);
    const task: OpenTask = { id, node, module, status, createdMs, hasStarted: false, backMs: undefined };
    this.#open.set(id, task);
    this.#steps.push({ atMs: createdMs, does: "create", task: { id, node, module, status } });
    if (status.state !== "created") this.#start(task, startMs, createdMs);
    this.#progress(id, Math.max(createdMs, atMs), progressOf(status));
  }

  #start(task: OpenTask, startMs: number | undefined, atMs: number): void {
    if (task.hasStarted) return;
    task.hasStarted = true;
    this.#steps.push({ atMs, does: "start", id: task.id, startMs: startMs ?? atMs });
  }

  #progress(id: string, atMs: number, { completed, total }: { completed: number; total: number }): void {
    this.#steps.push({ atMs, does: "progress", id, completed, total });
  }

  #change(id: string, changed: RecordedStatus, atMs: number): void {
    const task = this.#live(id);
    if (task === undefined) return;
    task.status = { ...task.status, ...changed };
    if (changed.state === "running") this.#start(task, timeOf(task.status.start_time), atMs);
  }

  #end({ id, task: status, within_ms }: TaskEnded, atMs: number): void {
    const task = this.#live(id);
    if (task === undefined) return;
    this.#open.delete(id);
    // The server's time is in whole seconds, so it may be too early.
    const serverMs = within_ms === 0 ? undefined : timeOf(status.end_time);
    const endMs = Math.max(serverMs ?? atMs, task.createdMs, this.#lastChildEndMs.get(id) ?? Number.NEGATIVE_INFINITY);
    const parent = parentOf(status) ?? parentOf(task.status);
    if (parent !== undefined)
      this.#lastChildEndMs.set(parent, Math.max(endMs, this.#lastChildEndMs.get(parent) ?? endMs));
    this.#lastChildEndMs.delete(id);
    this.#progress(id, endMs, progressOf(status));
    this.#steps.push({ atMs: endMs, does: "end", id, state: status.state ?? "done", error: status.error ?? "" });
  }

  #lose(node: string, atMs: number): void {
    this.#nodes.add(node);
    if (this.#lost.has(node)) return;
    this.#lost.add(node);
    this.#steps.push({ atMs, does: "down", node });
  }

  #bringBack(node: string, atMs: number): void {
    this.#nodes.add(node);
    if (!this.#lost.delete(node)) return;
    this.#steps.push({ atMs, does: "up", node });
    for (const task of this.#open.values()) if (task.node === node) task.backMs = atMs;
  }

  /** A task that has not ended. If its node was away meanwhile, the task survived: it is created again when the node is back. */
  #live(id: string): OpenTask | undefined {
    const task = this.#open.get(id);
    if (task === undefined || task.backMs === undefined) return task;
    const atMs = task.backMs;
    task.backMs = undefined;
    const parent = parentOf(task.status);
    if (parent !== undefined) this.#live(parent);
    const { node, module, status } = task;
    this.#steps.push({ atMs, does: "create", task: { id, node, module, status } });
    if (task.hasStarted) {
      this.#steps.push({ atMs, does: "start", id, startMs: timeOf(status.start_time) ?? task.createdMs });
    }
    return task;
  }
}

function progressOf({ progress_completed: completed = 0, progress_total: total = 0 }: RecordedStatus) {
  return { completed, total };
}

export function parentOf({ parent_id: parent = "" }: RecordedStatus): string | undefined {
  return parent === "" || parent === NO_PARENT || parent === NIL_UUID ? undefined : parent;
}

function timeOf(time: string | undefined): number | undefined {
  if (time === undefined || time === EPOCH) return undefined;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The release of the mock for the version of a server: for `2025.4.2-0.20260101` it is 2025.4.2. */
function releaseLike(version: string): string | undefined {
  const [, line = "", patch = ""] = /^(\d+\.\d+)(\.\d+)?/.exec(version) ?? [];
  const name = line === "6.3" ? "seed" : line;
  if (!RELEASE_NAMES.some((known) => known === name)) return undefined;
  try {
    // For a candidate or development version it is the newest patch release.
    return /[~-](rc|dev)/.test(version) ? name : releaseOf(`${name}${patch}`).version;
  } catch {
    return name;
  }
}
