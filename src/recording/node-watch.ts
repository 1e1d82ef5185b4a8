import {
  HttpStatusError,
  isRefusal,
  isRequestFailure,
  RequestTimeoutError,
  type TaskManagerError,
  UnreachableError,
} from "../client/errors.js";
import { type Release, type ReleaseTraits, traitsOf } from "../client/release.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import { isStartedByServer } from "../journal/fold-tasks.js";
import { type Looks, looksAt, releaseOf } from "../nodes/look.js";
import type { Clock } from "../runtime/clock.js";
import { inParallel } from "../runtime/in-parallel.js";
import { isFinished } from "../vocabulary.js";
import type { Register, WatchedTask } from "./register.js";

/** What the watches of all nodes share during one tick. */
export interface Round {
  /** The watched tasks that were listed, by node and module: see {@link listKeyOf}. */
  readonly watched: ReadonlyMap<string, readonly WatchedTask[]>;
  /** Cluster tasks that a node has listed. */
  readonly clusterListed: Set<string>;
  /** Those that were already read in this tick: one node is enough for each. */
  readonly clusterLooked: Set<string>;
  /** Modules that a node has listed. */
  readonly modulesListed: Set<string>;
}

export interface NodeWatchOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly register: Register;
  readonly progressEveryMs: number;
  /** Whether to watch tasks that the server starts itself, too. */
  readonly internal: boolean;
}

export const listKeyOf = (node: string | null, module: string): string => `${node ?? ""}/${module}`;

/** Catalogue: the only module with internal tasks that have no parent. */
const INTERNAL_MODULE = "compaction";
/** Maximum of concurrent requests to one node, besides those that wait. */
const MOST_LOOKS = 8;
/** How often data that seldom changes is read again. */
const RENEW_MS = 60_000;
/** If reading a tree takes this long, it is read again only after ten times as long. */
const LONG_LOOK_MS = 500;
const REST_AFTER_LOOK = 10;
/** Timeout of a short request if the user sets no limit for nodes. */
const ANSWER_MS = 30_000;

/** How long a node keeps finished tasks, in seconds. */
export interface KeptSeconds {
  readonly ttl: number | undefined;
  readonly userTtl: number | undefined;
}

/** Watches one node, tick after tick. */
export class NodeWatch {
  release: Release | undefined;
  kept: KeptSeconds = { ttl: undefined, userTtl: undefined };
  /** Since when it does not answer. */
  lostMs: number | undefined;
  /** When it answered last. */
  answeredMs: number | undefined;
  readonly #options: NodeWatchOptions;
  readonly #looks: Looks;
  #traits: ReleaseTraits | undefined;
  #modules: readonly string[] = [];
  #renewedMs = Number.NEGATIVE_INFINITY;
  /** When each module was last listed. */
  readonly #listedMs = new Map<string, number>();

  constructor(
    readonly node: string,
    readonly client: TaskManagerClient,
    private readonly timeoutMs: number | undefined,
    options: NodeWatchOptions,
  ) {
    this.#options = options;
    this.#looks = looksAt(client, this.call);
  }

  get call(): CallOptions {
    return { timeoutMs: this.timeoutMs ?? ANSWER_MS, signal: this.#options.signal };
  }

  /** Whether the release lets a request wait for the end of a task without unregistering the task. */
  get canWait(): boolean {
    return this.#traits?.hasWaitTimeout === true && !this.#traits.waitUnregisters;
  }

  /** Whether the tree of a finished task can be read without unregistering the task. */
  get keepsTrees(): boolean {
    return this.#traits?.statusUnregisters === false;
  }

  /** The node does not answer. When it is back, it may have another release and other tasks. */
  lose(nowMs: number): void {
    this.lostMs ??= nowMs;
    this.#modules = [];
    this.#renewedMs = Number.NEGATIVE_INFINITY;
    this.#listedMs.clear();
  }

  /** As {@link Register.shift}. */
  shift(ms: number): void {
    if (this.lostMs !== undefined) this.lostMs += ms;
    if (this.answeredMs !== undefined) this.answeredMs += ms;
    for (const [module, atMs] of this.#listedMs) this.#listedMs.set(module, atMs + ms);
  }

  /**
   * Lists each module, and reads the status of tasks that are new, have changed, or run.
   * @throws the error family if the node does not answer
   */
  async look(round: Round): Promise<void> {
    const { clock } = this.#options;
    if (clock.monotonic() - this.#renewedMs >= RENEW_MS) {
      try {
        await this.#renew();
      } catch (error) {
        // The values of the last time are good enough until the next.
        if (this.#modules.length === 0 || isOfNode(error)) throw error;
      }
    }
    let failure: TaskManagerError | undefined;
    let hasAnswered = false;
    for (const module of this.#modules) {
      const requestedMs = clock.now();
      try {
        const rows = await this.client.listModuleTasks(module, this.call);
        hasAnswered = true;
        if (this.#options.internal && module === INTERNAL_MODULE)
          for (const row of await this.#startedByServer()) rows.push(row);
        await this.#follow(module, rows, requestedMs, round);
      } catch (error) {
        if (isRefusal(error)) this.#renewedMs = Number.NEGATIVE_INFINITY;
        else if (isOfNode(error)) throw error;
        else failure ??= error as TaskManagerError;
      }
    }
    if (!hasAnswered && failure !== undefined) throw failure;
    this.answeredMs = clock.now();
  }

  /** Lists the tasks that the server starts itself; they come among the parts of other tasks, which are dropped. */
  async #startedByServer(): Promise<TaskStats[]> {
    const found: TaskStats[] = [];
    const batches = this.client.streamModuleTasks(INTERNAL_MODULE, { ...this.call, internal: true });
    for await (const rows of batches) for (const row of rows) if (isStartedByServer(row)) found.push(row);
    return found;
  }

  async #renew(): Promise<void> {
    this.#modules = await this.client.listModules(this.call);
    this.release = await releaseOf(this.client, this.call);
    this.#traits = traitsOf(this.release);
    this.kept = {
      ttl: this.#traits.hasTtl ? await secondsOf(this.client.ttl(this.call)) : undefined,
      userTtl: this.#traits.hasUserTtl ? await secondsOf(this.client.userTtl(this.call)) : undefined,
    };
    this.#renewedMs = this.#options.clock.monotonic();
  }

  async #follow(module: string, rows: readonly TaskStats[], requestedMs: number, round: Round): Promise<void> {
    const { register, clock } = this.#options;
    const sinceMs = this.#listedMs.get(module);
    this.#listedMs.set(module, requestedMs);
    round.modulesListed.add(module);
    const listed = new Set<string>();
    const due: TaskStats[] = [];
    for (const row of rows) {
      const { task_id: id } = row;
      if (id === undefined) continue;
      listed.add(id);
      const isCluster = row.kind === "cluster";
      if (isCluster) round.clusterListed.add(id);
      if (!this.#isDue(row, register.get(id), requestedMs)) continue;
      if (isStartedByServer(row)) {
        // Such a task has no parts and no progress: the list shows all there is to know.
        const { task_id: _, ...stats } = row;
        register.see(this.node, module, [{ id, ...stats }], { requestedMs, nowMs: clock.now() }, sinceMs);
        continue;
      }
      if (isCluster) {
        if (round.clusterLooked.has(id)) continue;
        round.clusterLooked.add(id);
      }
      due.push(row);
    }
    for (const task of round.watched.get(listKeyOf(this.node, module)) ?? []) {
      if (listed.has(task.id)) continue;
      if (task.hasEnded) register.forget(task);
      // The request that waits for its end may be about to return the outcome: it gets one more tick.
      else if (task.isAwaited && !task.isNoticed) task.isNoticed = true;
      else register.gone(task, clock.now());
    }
    await this.#lookAt(module, due, requestedMs, sinceMs, round);
  }

  #isDue({ state = "" }: TaskStats, task: WatchedTask | undefined, requestedMs: number): boolean {
    if (task === undefined) return true;
    if (task.hasEnded) return false;
    if (isFinished({ state })) {
      if (!task.isAwaited || task.isNoticed) return true;
      task.isNoticed = true;
      return false;
    }
    task.seenMs = Math.max(task.seenMs, requestedMs);
    if (task.isLookedAt && state !== task.status.state) return true;
    // A tick may come a little early or late.
    const lookedAgoMs = task.isLookedAt ? requestedMs - (task.lookedMs ?? 0) : Number.POSITIVE_INFINITY;
    return lookedAgoMs >= this.#options.progressEveryMs * 0.9 && requestedMs >= task.notBeforeMs;
  }

  /** @param listedMs when the list that showed them was requested */
  async #lookAt(
    module: string,
    due: readonly TaskStats[],
    listedMs: number,
    sinceMs: number | undefined,
    round: Round,
  ): Promise<void> {
    const { register, clock } = this.#options;
    if (due.length === 0) return;
    const harmless = this.keepsTrees ? undefined : await this.#harmlessStatuses(module, due);
    const looks = inParallel(due, MOST_LOOKS, async (row) => {
      const id = row.task_id as string;
      let restMs = 0;
      try {
        if (await this.#lookAtTask(id, row, module, sinceMs, harmless)) return;
      } catch (error) {
        // The tree may be too large to be read in time. A node that hangs is noticed by its next list.
        if (error instanceof RequestTimeoutError) restMs = REST_AFTER_LOOK * error.timeoutMs;
        else if (isOfNode(error)) throw error;
      }
      const { task_id: _, ...stats } = row;
      const node = row.kind === "cluster" ? null : this.node;
      const look = { requestedMs: listedMs, nowMs: clock.now() };
      const task = register.get(id) ?? register.seeListed(node, module, { id, ...stats }, look, sinceMs);
      if (restMs > 0) task.notBeforeMs = clock.now() + restMs;
      // Another node may know more.
      round.clusterLooked.delete(id);
    });
    await Promise.all(looks);
  }

  /** For releases that unregister a finished task once its status is read. */
  async #harmlessStatuses(
    module: string,
    due: readonly TaskStats[],
  ): Promise<ReadonlyMap<string, TaskStatus | "gone" | undefined>> {
    const ids = due.filter(({ kind }) => kind !== "cluster").map(({ task_id = "" }) => task_id);
    if (ids.length === 0) return new Map();
    const statuses = await this.#looks.statuses(ids, module, this.call);
    return new Map(ids.map((id, index) => [id, statuses[index]]));
  }

  /** @returns whether there was an answer about the task */
  async #lookAtTask(
    id: string,
    row: TaskStats,
    module: string,
    sinceMs: number | undefined,
    harmless: ReadonlyMap<string, TaskStatus | "gone" | undefined> | undefined,
  ): Promise<boolean> {
    const { clock, register } = this.#options;
    const requestedMs = clock.now();
    const statuses = await this.#statusesOf(id, row, harmless?.get(id), harmless !== undefined);
    if (statuses === undefined) return false;
    const node = row.kind === "cluster" ? null : this.node;
    const look = { requestedMs, nowMs: clock.now() };
    if (statuses.length > 0) {
      const task = register.see(node, module, statuses, look, sinceMs);
      const tookMs = look.nowMs - requestedMs;
      if (task !== undefined && tookMs >= LONG_LOOK_MS) task.notBeforeMs = look.nowMs + REST_AFTER_LOOK * tookMs;
      return true;
    }
    const known = register.get(id);
    if (known?.hasEnded || (known?.isAwaited && !known.isNoticed)) return true;
    // It existed when it was listed; nothing else is known.
    const { task_id: _, ...stats } = row;
    const gone = known ?? register.see(node, module, [{ id, ...stats }], look, sinceMs);
    if (gone !== undefined) register.gone(gone, look.nowMs);
    return true;
  }

  /** The statuses of the task and its parts; empty if it is gone, `undefined` if the node could not be queried. */
  async #statusesOf(
    id: string,
    row: TaskStats,
    harmless: TaskStatus | "gone" | undefined,
    isHarmful: boolean,
  ): Promise<readonly TaskStatus[] | undefined> {
    try {
      // Reading a cluster task never unregisters it. Its children are in the lists of their own nodes.
      if (row.kind === "cluster") return [await this.client.taskStatus(id, this.call)];
      if (isHarmful) {
        if (harmless === undefined) return undefined;
        if (harmless === "gone") return [];
        if (isFinished(harmless) || !harmless.children_ids?.length) return [harmless];
      }
      return await this.client.taskStatusRecursive(id, this.call);
    } catch (error) {
      if (isRefusal(error)) return [];
      throw error;
    }
  }
}

/** Whether the node cannot answer any further request for now. */
function isOfNode(error: unknown): boolean {
  return !isRequestFailure(error) || error instanceof RequestTimeoutError || error instanceof UnreachableError;
}

async function secondsOf(answer: Promise<unknown>): Promise<number | undefined> {
  try {
    const value = await answer;
    return typeof value === "number" && Number.isFinite(value) ? value : undefined;
  } catch (error) {
    if (error instanceof HttpStatusError) return undefined;
    throw error;
  }
}
