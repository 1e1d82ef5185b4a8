import { setMaxListeners } from "node:events";
import { HttpStatusError, RequestTimeoutError, type TaskManagerError, UnreachableError } from "../client/errors.js";
import type { CallOptions } from "../client/task-manager.js";
import type { TaskStats } from "../client/wire.js";
import { MAX_LOOKS, ONLY_LISTED } from "../nodes/look.js";
import type { Nodes } from "../nodes/nodes.js";
import type { Clock } from "../runtime/clock.js";
import { FINISHED_STATES, isFinished } from "../vocabulary.js";
import { type FailedLook, type NodeLook, NodeWatcher } from "./look-at-node.js";
import type { NodeState } from "./model.js";
import type { SeenTask, SeenTasks } from "./tasks-seen.js";

/** Timeout for a node, unless the user sets one. */
const NODE_TIMEOUT_MS = 10_000;
/** The list of nodes is read again after this many ticks; while a node is lost, in each tick. */
const TICKS_BETWEEN_DISCOVERIES = 5;
/** Maximum of statuses that are read in one tick, over all nodes. */
const MOST_STATUSES = 200;
/** A node with many tasks is read again only after this many times as long as reading took, to limit the work on both sides. */
const REST = 5;
const MANY_ROWS = 2000;
/** How long the last tasks of a node that does not answer are still shown. */
const BELIEVED_MS = 10_000;
/** If a running task makes no progress, its status is read less and less often, but at least once in this time. */
const LONGEST_STILL_MS = 6000;
/** How long after the first answer of a tick the others may take before the screen is updated without them. */
const PATIENCE_MS = 250;

export interface WatcherOptions {
  readonly nodes: Nodes;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** Tasks whose statuses matter most: those on the screen. */
  inView(): ReadonlySet<string>;
  seen(): SeenTasks;
  /** Called when there is something new to show. */
  onNews(): void;
  /** Called with an error that is not a node's. */
  onFault(error: unknown): void;
}

const isFailed = (look: NodeLook | FailedLook): look is FailedLook => "error" in look;

/** Watches all nodes, each at its own pace: a slow one does not delay the others. */
export class ClusterWatcher {
  readonly #options: WatcherOptions;
  readonly #call: CallOptions;
  readonly #watchers = new Map<string, NodeWatcher>();
  readonly #open = new Set<string>();
  readonly #restUntilMs = new Map<string, number>();
  /** The last successful look at each node that answers. */
  readonly #looks = new Map<string, NodeLook>();
  readonly #lost = new Map<string, NonNullable<NodeState["lost"]>>();
  readonly #releases = new Map<string, string>();
  #firstError: TaskManagerError | undefined;
  #statusesLeft = 0;
  #ticks = 0;
  #isDiscovering = false;
  #isNewsPlanned = false;
  #hasAnswered = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    const { call } = options.nodes;
    const signal = call.signal == null ? options.signal : AbortSignal.any([call.signal, options.signal]);
    // Each request adds a listener.
    setMaxListeners(0, signal, options.signal);
    this.#call = { timeoutMs: call.timeoutMs ?? NODE_TIMEOUT_MS, signal };
  }

  /**
   * The first look; resolves with the first answer.
   * @throws the error of a node if all of them failed
   */
  async begin(): Promise<void> {
    this.#statusesLeft = MOST_STATUSES;
    const looks = this.#answering().map((address) => this.#look(address));
    const all = Promise.all(looks);
    await Promise.race([all, ...looks.map(async (look) => ((await look) ? undefined : await all))]);
    if (!this.#hasAnswered) throw this.#firstError ?? new Error("the cluster reports no live node");
  }

  /** Queries every node that has no query open and no pause left. */
  tick(): void {
    const { clock, nodes } = this.#options;
    this.#statusesLeft = MOST_STATUSES;
    const isDue = this.#ticks++ % TICKS_BETWEEN_DISCOVERIES === TICKS_BETWEEN_DISCOVERIES - 1;
    if (isDue || this.#lost.size > 0) this.#discover();
    const nowMs = clock.monotonic();
    for (const address of this.#answering()) {
      if (!this.#open.has(address) && nowMs >= (this.#restUntilMs.get(address) ?? 0)) void this.#look(address);
    }
    const known = new Set(nodes.known.map(({ address }) => address));
    for (const map of [this.#looks, this.#lost, this.#watchers]) {
      for (const address of map.keys()) if (!known.has(address)) map.delete(address);
    }
    this.#noteDown();
  }

  /** The last look at each node that answers, in the order of the nodes. */
  *looks(): Generator<NodeLook> {
    for (const { address } of this.#options.nodes.known) {
      const look = this.#looks.get(address);
      if (look !== undefined) yield look;
    }
  }

  get nodes(): NodeState[] {
    return this.#options.nodes.known.map(({ address }) => ({
      address,
      release: this.#releases.get(address),
      lost: this.#lost.get(address),
    }));
  }

  /** Sentences about what was not read. */
  get leftOut(): string[] {
    const looks = [...this.#looks.values()];
    const parts = looks.filter(({ isPart }) => isPart).map(({ node }) => node);
    return [
      ...(parts.length === 0 ? [] : [`not all tasks of ${parts.join(", ")} are shown: too many`]),
      ...(looks.some(({ isCareful }) => isCareful) ? [ONLY_LISTED] : []),
    ];
  }

  #answering(): string[] {
    return this.#options.nodes.known.filter(({ live }) => live).map(({ address }) => address);
  }

  /** @returns whether the node answered */
  async #look(address: string): Promise<boolean> {
    const { clock, nodes, signal, onFault } = this.#options;
    let watcher = this.#watchers.get(address);
    if (watcher === undefined) {
      watcher = new NodeWatcher(address, () => nodes.clientOf(address));
      this.#watchers.set(address, watcher);
    }
    this.#open.add(address);
    const startedMs = clock.monotonic();
    try {
      const look = await watcher.look((node, rows) => this.#wanted(node, rows), this.#call);
      if (isFailed(look)) {
        this.#firstError ??= look.error;
        this.#lose(address, whyLost(look.error), BELIEVED_MS);
        return false;
      }
      this.#hasAnswered = true;
      this.#looks.set(address, look);
      this.#lost.delete(address);
      if (look.release !== undefined) this.#releases.set(address, look.release);
      return true;
    } catch (error) {
      if (!signal.aborted) onFault(error);
      return false;
    } finally {
      this.#open.delete(address);
      const rest = (this.#looks.get(address)?.rows.length ?? 0) < MANY_ROWS ? 0 : REST;
      this.#restUntilMs.set(address, startedMs + (clock.monotonic() - startedMs) * rest);
      this.#planNews();
    }
  }

  #lose(address: string, reason: string, believedMs = 0): void {
    const nowMs = this.#options.clock.now();
    const since = this.#lost.get(address) ?? {
      sinceMs: nowMs,
      isFromBeginning: !this.#looks.has(address) && this.#ticks <= 1,
    };
    this.#lost.set(address, { ...since, reason });
    if (nowMs - since.sinceMs >= believedMs) this.#looks.delete(address);
  }

  /** Nodes that the cluster reports as down are not queried. */
  #noteDown(): void {
    for (const { address, live } of this.#options.nodes.known) {
      if (!live && !this.#open.has(address)) this.#lose(address, "down");
    }
  }

  #discover(): void {
    if (this.#isDiscovering) return;
    this.#isDiscovering = true;
    const { nodes, signal, onFault } = this.#options;
    const queried = new Set(this.#answering());
    nodes
      .startRound()
      .catch((error: unknown) => {
        if (!signal.aborted) onFault(error);
      })
      .finally(() => {
        this.#isDiscovering = false;
        this.#noteDown();
        const answering = this.#answering();
        const others = answering.filter((address) => !queried.has(address));
        // A node that is back, or new, is queried at once, not in the next tick.
        if (!signal.aborted) for (const address of others) if (!this.#open.has(address)) void this.#look(address);
        if (others.length > 0 || answering.length < queried.size) this.#planNews();
      });
  }

  /** Reports news after a short pause; at once if no more answers are to come. */
  #planNews(): void {
    const { clock, signal, onNews } = this.#options;
    if (signal.aborted) return;
    if (this.#open.size === 0) {
      onNews();
      return;
    }
    if (this.#isNewsPlanned) return;
    this.#isNewsPlanned = true;
    clock.sleep(PATIENCE_MS, signal).then(
      () => {
        this.#isNewsPlanned = false;
        onNews();
      },
      () => {},
    );
  }

  /** Whether a task has made no progress for so long that this tick can skip it. */
  #isStill({ state, status, pace: { readMs, movedMs } }: SeenTask): boolean {
    if (readMs === undefined || state !== status?.state) return false;
    const { clock, intervalMs } = this.#options;
    const restMs = Math.min(LONGEST_STILL_MS, readMs - movedMs);
    // A tick is never exactly on time.
    return clock.monotonic() - readMs + intervalMs / 2 < restMs;
  }

  /**
   * The listed tasks whose statuses tell more than the list: the progress of running tasks (first those on the screen, then those
   * read the longest ago), why tasks failed, and the parts of cluster tasks.
   */
  #wanted(node: string, rows: readonly TaskStats[]): string[] {
    const seen = this.#options.seen();
    const inView = this.#options.inView();
    const speaker = this.#answering().find((address) => !this.#lost.has(address)) ?? node;
    const wanted: { id: string; rank: number }[] = [];
    for (const { task_id: id, state = "", kind } of rows) {
      // All nodes know the same cluster tasks: one node is enough.
      if (id === undefined || (kind === "cluster" && node !== speaker)) continue;
      const task = seen.get(id);
      const isOver = FINISHED_STATES.has(state);
      if (isOver && (isFinished(task?.status ?? {}) || (state !== "failed" && kind !== "cluster"))) continue;
      if (!isOver && kind !== "cluster" && task !== undefined && this.#isStill(task)) continue;
      const readMs = task?.pace.readMs ?? 0;
      wanted.push({ id, rank: (inView.has(id) ? 0 : 1e15) + (isOver ? 1e14 : 0) + readMs });
    }
    wanted.sort((a, b) => a.rank - b.rank);
    const most = Math.min(MAX_LOOKS, this.#statusesLeft);
    const ids = wanted.slice(0, most).map(({ id }) => id);
    this.#statusesLeft -= ids.length;
    return ids;
  }
}

/** In a few words. The node stands beside it, and the request does not matter. */
function whyLost(error: TaskManagerError): string {
  if (error instanceof UnreachableError)
    return error.code === "" ? "cannot be reached" : `cannot be reached (${error.code})`;
  if (error instanceof RequestTimeoutError) return `no answer within ${error.timeoutMs / 1000} s`;
  if (error instanceof HttpStatusError) return `answers ${error.status}`;
  return error.message;
}
