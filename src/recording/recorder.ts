import { setMaxListeners } from "node:events";
import packageJson from "../../package.json" with { type: "json" };
import { isRefusal, isRequestFailure, RequestAbortedError, TaskManagerError } from "../client/errors.js";
import type { TaskStatus } from "../client/wire.js";
import { duration } from "../format/text/duration.js";
import { isStartedByServer } from "../journal/fold-tasks.js";
import { JOURNAL_VERSION, type JournalLine } from "../journal/journal-line.js";
import { timeOfLine } from "../journal/read-line.js";
import type { Nodes } from "../nodes/nodes.js";
import type { Runtime } from "../runtime/runtime.js";
import { EPOCH, isFinished } from "../vocabulary.js";
import type { Destination } from "./destination.js";
import type { Earlier } from "./earlier.js";
import { EndWaits } from "./end-waits.js";
import { listKeyOf, NodeWatch, type NodeWatchOptions, type Round } from "./node-watch.js";
import { type RaisedTtls, restoreAll } from "./raised-ttl.js";
import { isoTime, Register, type WatchedTask } from "./register.js";

export interface RecorderOptions {
  /** Maximum time between two looks. It becomes shorter if a node keeps finished tasks for less than twice as long. */
  readonly tickMs: number;
  readonly progressEveryMs: number;
  /** Whether to watch all nodes of the cluster. */
  readonly allNodes: boolean;
  /** Whether to watch tasks that the server starts itself, too. */
  readonly internal: boolean;
  /** Maximum number of requests that wait for the end of a task. */
  readonly maxWaits: number;
  readonly raiseTtlSeconds: number | undefined;
  /** The settings that the recorder raises; `undefined`: it raises none. */
  readonly raisedTtls: RaisedTtls | undefined;
  readonly earlier: Earlier;
}

/** What a recorder reports about itself. */
export interface RecorderState {
  readonly nodes: number;
  readonly lostNodes: number;
  readonly tasks: number;
  readonly lines: number;
  readonly nextLookMs: number;
  readonly failure: string | undefined;
}

export interface RecorderEvents {
  /** Called with a sentence that the user should read. */
  onTrouble(text: string): void;
  onState(state: RecorderState): void;
}

const SHORTEST_TICK_MS = 1_000;
/** How soon the answers to waiting requests are written. */
const FLUSH_EVERY_MS = 1_000;
/** A line is written at least this often: if the recorder is killed, the next one takes the last line for its end. */
const LONGEST_SILENCE_MS = 60_000;
/** A smaller difference between the clocks is drift. */
const CLOCK_SET_MS = 1_000;

/**
 * Watches nodes and records what it sees of their tasks until it is interrupted. In each tick it requests one list per module from
 * each node, and reads the status of tasks that are new, have changed, or run, in ways that do not unregister them.
 * @throws ClosedPipe if the reader of the lines has gone
 */
export async function record(
  runtime: Runtime,
  nodes: Nodes,
  destination: Destination,
  options: RecorderOptions,
  events: RecorderEvents,
): Promise<void> {
  const recorder = new Recorder(runtime, nodes, destination, options, events);
  try {
    await recorder.run();
  } finally {
    await recorder.stop();
  }
}

class Recorder {
  readonly #runtime: Runtime;
  readonly #nodes: Nodes;
  readonly #destination: Destination;
  readonly #options: RecorderOptions;
  readonly #events: RecorderEvents;
  readonly #stopping = new AbortController();
  readonly #watchOptions: NodeWatchOptions;
  readonly #register: Register;
  readonly #waits: EndWaits;
  readonly #watches = new Map<string, NodeWatch>();
  /** For each node that does not answer: the reason. */
  readonly #lost = new Map<string, string>();
  readonly #reported = new Set<string>();
  #pending: JournalLine[] = [];
  #cluster: string | undefined;
  #lines = 0;
  #tickMs: number;
  #hasBegun = false;
  /** When everything pending had last been written. */
  #writtenMs: number | undefined;
  /** When the last line was written, by the monotonic clock. */
  #lastLineMs = 0;
  #nextLookMs = 0;
  /** Wall clock minus monotonic clock: it changes when the clock is set. */
  #clockOffsetMs: number;

  constructor(
    runtime: Runtime,
    nodes: Nodes,
    destination: Destination,
    options: RecorderOptions,
    events: RecorderEvents,
  ) {
    this.#runtime = runtime;
    this.#nodes = nodes;
    this.#destination = destination;
    this.#options = options;
    this.#events = events;
    this.#tickMs = options.tickMs;
    this.#writtenMs = options.earlier.lastMs;
    this.#clockOffsetMs = runtime.clock.now() - runtime.clock.monotonic();
    const { progressEveryMs, internal } = options;
    this.#register = new Register((line) => this.#pending.push(line), progressEveryMs, options.earlier.tasks);
    const { signal } = this.#stopping;
    // Each waiting request adds a listener.
    setMaxListeners(0, signal);
    this.#watchOptions = { clock: runtime.clock, signal, register: this.#register, progressEveryMs, internal };
    this.#waits = new EndWaits(options.maxWaits, this.#register, runtime.clock, signal);
  }

  async run(): Promise<void> {
    const { clock, interrupt } = this.#runtime;
    const stop = () => this.#stopping.abort(interrupt.reason);
    if (interrupt.aborted) stop();
    interrupt.addEventListener("abort", stop, { once: true });
    try {
      for (;;) {
        const startedMs = clock.monotonic();
        await this.#tick();
        const tookMs = clock.monotonic() - startedMs;
        if (this.#pending.length === 0 && clock.monotonic() - this.#lastLineMs >= LONGEST_SILENCE_MS) {
          this.#pending.push({ at: this.#now(), event: "watched" });
        }
        await this.#flush();
        this.#adaptTick();
        // If a look takes long, the pause is just as long, so that looks take half of the time at most.
        await this.#pause(Math.max(this.#tickMs - tookMs, tookMs));
      }
    } catch (error) {
      if (!interrupt.aborted || !isAbort(error)) throw error;
    } finally {
      interrupt.removeEventListener("abort", stop);
    }
  }

  /** Restores raised settings, and writes what is pending. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#waits.settled();
    const { raisedTtls } = this.#options;
    const failed = raisedTtls === undefined ? [] : await restoreAll(raisedTtls, this.#watches);
    if (failed.length > 0) {
      this.#events.onTrouble(
        `the ttl could not be restored on ${failed.join(", ")}: the next \`tasks record\` to this journal restores it`,
      );
    }
    if (this.#hasBegun) {
      this.#pending.push({ at: this.#now(), event: "recording_stopped" });
      await this.#flush();
    }
  }

  #now(): string {
    return isoTime(this.#runtime.clock.now());
  }

  async #tick(): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    this.#followClock();
    await this.#nodes.startRound({ forgetsEarlier: true });
    const round: Round = {
      watched: this.#watchedByList(),
      clusterListed: new Set(),
      clusterLooked: new Set(),
      modulesListed: new Set(),
    };
    const answered = new Set<string>();
    for await (const { node, value: error } of this.#nodes.each(async (client, call, address) => {
      const watch = this.#watchOf(address, client, call.timeoutMs);
      return await this.#lookAtNode(watch, round);
    })) {
      answered.add(node);
      if (error === undefined) this.#back(node);
      else this.#lose(node, error.message);
    }
    for (const { node, reason } of this.#nodes.unanswered) if (!answered.has(node)) this.#lose(node, reason);
    this.#leave();
    await this.#lookForClusterTasks(round);
    this.#register.forgetEarlier();
    this.#offerWaits();
    this.#cluster ??= await this.#clusterName();
  }

  /** If the clock was set, moves the times that were taken before, so that they can be compared with later ones. */
  #followClock(): void {
    const { clock } = this.#runtime;
    const offsetMs = clock.now() - clock.monotonic();
    const setByMs = Math.round(offsetMs - this.#clockOffsetMs);
    if (Math.abs(setByMs) < CLOCK_SET_MS) return;
    this.#clockOffsetMs = offsetMs;
    this.#register.shift(setByMs);
    for (const watch of this.#watches.values()) watch.shift(setByMs);
    this.#events.onTrouble(
      `the clock was set ${setByMs < 0 ? "back" : "forward"} by ${duration(Math.abs(setByMs) / 1000)}: times recorded before and after that differ by as much`,
    );
  }

  /** @returns why the node did not answer; `undefined` if it did */
  async #lookAtNode(watch: NodeWatch, round: Round): Promise<TaskManagerError | undefined> {
    try {
      await watch.look(round);
      await this.#raiseTtl(watch);
      return undefined;
    } catch (error) {
      if (!isRequestFailure(error)) throw error;
      return error;
    }
  }

  /** Raises the settings of a node, or restores what a killed recorder had raised. */
  async #raiseTtl(watch: NodeWatch): Promise<void> {
    const { raiseTtlSeconds, raisedTtls } = this.#options;
    try {
      if (raisedTtls !== undefined && raiseTtlSeconds !== undefined) await raisedTtls.raise(watch, raiseTtlSeconds);
      else await raisedTtls?.restore(watch, watch.call);
    } catch (error) {
      if (error instanceof TaskManagerError) throw error;
      this.#warn(`the ttl was not raised: cannot save its current value: ${(error as Error).message}`);
    }
  }

  #watchOf(node: string, client: NodeWatch["client"], timeoutMs: number | undefined): NodeWatch {
    let watch = this.#watches.get(node);
    if (watch === undefined) {
      watch = new NodeWatch(node, client, timeoutMs, this.#watchOptions);
      this.#watches.set(node, watch);
      if (this.#hasBegun && !this.#lost.has(node)) this.#pending.push({ at: this.#now(), event: "node_back", node });
    }
    return watch;
  }

  #watchedByList(): ReadonlyMap<string, readonly WatchedTask[]> {
    const watched = new Map<string, WatchedTask[]>();
    for (const task of this.#register.listed) {
      const key = listKeyOf(task.node, task.module);
      const there = watched.get(key);
      if (there === undefined) watched.set(key, [task]);
      else there.push(task);
    }
    return watched;
  }

  #lose(node: string, reason: string): void {
    this.#watches.get(node)?.lose(this.#runtime.clock.now());
    if (this.#lost.has(node)) return;
    this.#lost.set(node, reason);
    this.#pending.push({ at: this.#now(), event: "node_lost", node, reason });
    this.#events.onTrouble(`no answer from node ${node}: ${reason}`);
  }

  #back(node: string): void {
    if (!this.#lost.delete(node)) return;
    const watch = this.#watches.get(node);
    const since = watch?.lostMs;
    if (watch !== undefined) watch.lostMs = undefined;
    this.#pending.push({
      at: this.#now(),
      event: "node_back",
      node,
      ...(since !== undefined && { since: isoTime(since) }),
    });
  }

  /** Stops watching nodes that have left the cluster. */
  #leave(): void {
    if (!this.#nodes.isMany) return;
    const known = new Set(this.#nodes.known.map(({ address }) => address));
    for (const node of this.#watches.keys()) {
      if (known.has(node)) continue;
      this.#lose(node, "it is no longer a node of the cluster");
      this.#watches.delete(node);
      this.#lost.delete(node);
      const nowMs = this.#runtime.clock.now();
      for (const task of [...this.#register.listed]) if (task.node === node) this.#register.gone(task, nowMs);
    }
  }

  /** Finds out what happened to cluster tasks that no node lists any more. */
  async #lookForClusterTasks({ watched, clusterListed, modulesListed }: Round): Promise<void> {
    const watch = [...this.#watches.values()].find(({ lostMs }) => lostMs === undefined);
    if (watch === undefined) return;
    for (const module of modulesListed) {
      for (const task of watched.get(listKeyOf(null, module)) ?? []) {
        if (clusterListed.has(task.id)) continue;
        if (task.hasEnded) this.#register.forget(task);
        else if (task.isAwaited && !task.isNoticed) task.isNoticed = true;
        else await this.#lookForClusterTask(task, watch);
      }
    }
  }

  async #lookForClusterTask(task: WatchedTask, { client, call }: NodeWatch): Promise<void> {
    const { clock } = this.#runtime;
    try {
      const status = await client.taskStatus(task.id, call);
      const nowMs = clock.now();
      if (isFinished(status)) this.#register.end(task, withoutEmpty(task.status, status), nowMs, nowMs - task.seenMs);
    } catch (error) {
      if (!isRequestFailure(error)) throw error;
      if (isRefusal(error)) this.#register.gone(task, clock.now());
    }
  }

  #offerWaits(): void {
    const any = [...this.#watches.values()].find(({ lostMs, canWait }) => lostMs === undefined && canWait);
    // Tasks that the server starts itself get the waits that are left over.
    for (const isInternal of [false, true]) {
      for (const task of this.#register.listed) {
        if (isStartedByServer(task.status) !== isInternal) continue;
        const watch = task.node === null ? any : this.#watches.get(task.node);
        if (watch !== undefined) this.#waits.offer(task, watch);
      }
    }
  }

  async #clusterName(): Promise<string | undefined> {
    const [watch] = this.#watches.values();
    try {
      return await watch?.client.clusterName(watch.call);
    } catch (error) {
      if (!isRequestFailure(error)) throw error;
      return undefined;
    }
  }

  /** Makes sure to look at least twice while a finished task is kept, and warns where that is impossible. */
  #adaptTick(): void {
    let tickMs = this.#options.tickMs;
    const forgetful: string[] = [];
    for (const { node, kept, lostMs } of this.#watches.values()) {
      if (lostMs !== undefined) continue;
      for (const seconds of [kept.ttl ?? 0, kept.userTtl ?? 0]) {
        if (seconds > 0) tickMs = Math.min(tickMs, seconds * 500);
      }
      if (kept.ttl === 0) forgetful.push(node);
    }
    this.#tickMs = Math.max(tickMs, SHORTEST_TICK_MS);
    if (forgetful.length === 0) return;
    const where = forgetful.length === 1 ? forgetful[0] : `${forgetful.length} nodes`;
    this.#warn(
      `the ttl of ${where} is 0: tasks that the server starts itself are forgotten when they end, and may never be seen ` +
        "(to keep them for 10 minutes: --raise-ttl 600)",
    );
  }

  #warn(text: string): void {
    if (this.#reported.has(text)) return;
    this.#reported.add(text);
    this.#events.onTrouble(text);
  }

  /** Waits for the next look; in the meantime, writes what waiting requests answer. */
  async #pause(ms: number): Promise<void> {
    const { clock, interrupt } = this.#runtime;
    const endMs = clock.monotonic() + ms;
    this.#nextLookMs = clock.now() + ms;
    for (let leftMs = ms; leftMs > 0; leftMs = endMs - clock.monotonic()) {
      this.#report();
      await clock.sleep(Math.min(leftMs, FLUSH_EVERY_MS), interrupt);
      if (this.#pending.length > 0) await this.#flush();
    }
  }

  #report(): void {
    this.#events.onState({
      nodes: this.#watches.size,
      lostNodes: this.#lost.size,
      tasks: this.#register.running,
      lines: this.#lines,
      nextLookMs: this.#nextLookMs,
      failure: this.#destination.failure?.reason,
    });
  }

  async #flush(): Promise<void> {
    const lines = this.#pending;
    this.#pending = [];
    const nowMs = this.#runtime.clock.now();
    if (!this.#hasBegun || this.#destination.failure !== undefined) {
      await this.#begin(lines, nowMs);
      return;
    }
    if (!(await this.#destination.append(lines))) return;
    this.#count(lines.length, nowMs);
    if (this.#destination.isDue(nowMs)) await this.#begin([], nowMs);
  }

  /** Begins a segment with the gap before it and all tasks that are there. */
  async #begin(lines: readonly JournalLine[], nowMs: number): Promise<void> {
    const { failure } = this.#destination;
    // The first look came before the segment.
    const [first] = lines;
    const opening: JournalLine[] = [this.#segmentStarted(first === undefined ? nowMs : timeOfLine(first.at))];
    if (this.#writtenMs !== undefined && (failure !== undefined || !this.#hasBegun)) {
      opening.push({
        at: isoTime(nowMs),
        event: "gap",
        from: isoTime(Math.min(this.#writtenMs, nowMs)),
        to: isoTime(nowMs),
        reason: failure?.reason ?? "the recorder was stopped",
      });
    }
    if (this.#hasBegun) {
      for (const line of this.#register.restated(nowMs)) opening.push(line);
      for (const [node, reason] of this.#lost) {
        opening.push({ at: isoTime(nowMs), event: "node_lost", node, reason });
      }
    }
    for (const line of lines) opening.push(line);
    this.#hasBegun = true;
    if (!(await this.#destination.begin(opening))) return;
    if (failure !== undefined) this.#events.onTrouble("writing to the journal again");
    this.#count(opening.length, nowMs);
  }

  #segmentStarted(nowMs: number): JournalLine {
    const releases: [string, string][] = [];
    const ttls: [string, { ttl?: number; user_ttl?: number }][] = [];
    for (const { node, release, kept } of this.#watches.values()) {
      if (release?.isKnown) releases.push([node, release.text]);
      const { ttl, userTtl } = kept;
      if (ttl !== undefined) ttls.push([node, { ttl, ...(userTtl !== undefined && { user_ttl: userTtl }) }]);
    }
    return {
      at: isoTime(nowMs),
      event: "segment_started",
      version: JOURNAL_VERSION,
      recorder: packageJson.version,
      ...(this.#cluster !== undefined && { cluster: this.#cluster }),
      nodes: this.#nodes.known.map(({ address }) => address),
      all_nodes: this.#options.allNodes,
      ...(releases.length > 0 && { releases: Object.fromEntries(releases) }),
      ...(ttls.length > 0 && { ttls: Object.fromEntries(ttls) }),
      tick_seconds: this.#tickMs / 1000,
    };
  }

  #count(lines: number, nowMs: number): void {
    this.#lines += lines;
    this.#writtenMs = nowMs;
    if (lines > 0) this.#lastLineMs = this.#runtime.clock.monotonic();
  }
}

const isAbort = (error: unknown): boolean =>
  error instanceof RequestAbortedError || (error instanceof Error && /^(AbortError|Interruption)$/.test(error.name));

/** semantics 26: a finished task may have lost its type and its times; fills them in from `before`. */
function withoutEmpty(before: TaskStatus, last: TaskStatus): TaskStatus {
  const status: TaskStatus = { ...before };
  for (const [name, value] of Object.entries(last)) if (value !== "" && value !== EPOCH) status[name] = value;
  return status;
}
