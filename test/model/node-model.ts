/**
 * One node's task manager as docs/server/rules.md tells of it, and as simple as can be: nothing is thrown away, and what can be seen
 * is worked out anew each time that somebody looks. Written from the rules alone, so that it and the mock are wrong in different places.
 */

export interface ModelRelease {
  /** semantics 11: `6.2` has one ttl. */
  readonly hasUserTtl: boolean;
  /** semantics 5: any parent makes a task internal. */
  readonly clusterChildrenAreInternal: boolean;
  /** rest-api: Two generations. */
  readonly statusUnregisters: boolean;
  /** semantics 7: the total of a task that knows nothing of its progress. */
  readonly idleTotal: 0 | 1;
}

export const MODEL_RELEASES: ReadonlyMap<string, ModelRelease> = new Map([
  ["6.2", { hasUserTtl: false, clusterChildrenAreInternal: true, statusUnregisters: true, idleTotal: 1 }],
  ["seed", { hasUserTtl: true, clusterChildrenAreInternal: true, statusUnregisters: true, idleTotal: 1 }],
  ["2025.1.14", { hasUserTtl: true, clusterChildrenAreInternal: false, statusUnregisters: false, idleTotal: 0 }],
  ["latest", { hasUserTtl: true, clusterChildrenAreInternal: false, statusUnregisters: false, idleTotal: 0 }],
]);

/** semantics 30. */
const ABORT_REQUESTED = "seastar::abort_requested_exception (abort requested)";

export interface NewModelTask {
  readonly id: string;
  readonly module: string;
  readonly shard: number;
  /** Of the same node; `cluster` is a node operation. */
  readonly parent: ModelTask | "cluster" | undefined;
  readonly isUserTask: boolean;
  readonly isAbortable: boolean;
  readonly isStartedInternally: boolean;
  /** rest-api, Test tasks: it does not notice an abort until it is told to finish. */
  readonly noticesAbortLate: boolean;
}

interface Figures {
  readonly completed: number;
  readonly total: number;
}

export interface ModelTask extends NewModelTask {
  readonly number: number;
  readonly isInternal: boolean;
  /** Everything that ever was its child. */
  readonly children: ModelTask[];
  state: "created" | "running" | "done" | "failed";
  startMs: number;
  endMs: number;
  error: string;
  isRegistered: boolean;
  hasFolded: boolean;
  isAborting: boolean;
  own: Figures | undefined;
  expected: number | undefined;
  /** As it stood at the end. */
  final: Figures | undefined;
}

export type ModelWait = { task: ModelTask; answer: string | undefined };

/** The id of a task with those of what is shown below it, in no order. */
export type Shape = readonly [id: string, state: string, children: readonly Shape[]];

const hasEnded = ({ state }: ModelTask) => state === "done" || state === "failed";

export class NodeModel {
  readonly tasks: ModelTask[] = [];
  readonly waits: ModelWait[] = [];
  ttlSeconds = 0;
  userTtlSeconds = 3600;
  nowMs: number;
  readonly release: ModelRelease;
  readonly #numbers = new Map<string, number>();
  readonly #abortDelayMs: number;
  /** In the order in which they were asked for. */
  #events: { readonly atMs: number; readonly run: () => void }[] = [];

  /** @param abortDelayMs the rules leave open how soon a task has its next chance to stop */
  constructor(release: ModelRelease, startMs: number, abortDelayMs: number) {
    this.release = release;
    this.nowMs = startMs;
    this.#abortDelayMs = abortDelayMs;
  }

  create(spec: NewModelTask): ModelTask {
    const { parent, module, shard } = spec;
    const task: ModelTask = {
      ...spec,
      // 3.
      number: typeof parent === "object" ? parent.number : this.#nextNumber(module, shard),
      // 5, 24.
      isInternal:
        typeof parent === "object" ||
        spec.isStartedInternally ||
        (parent === "cluster" && this.release.clusterChildrenAreInternal && module !== "node_ops"),
      children: [],
      state: "created",
      startMs: 0,
      endMs: 0,
      error: "",
      isRegistered: true,
      hasFolded: false,
      isAborting: false,
      own: undefined,
      expected: undefined,
      final: undefined,
    };
    this.tasks.push(task);
    if (typeof parent !== "object") return task;
    parent.children.push(task);
    // 16: a child that is added after the request is aborted at once.
    if (parent.isAborting) {
      task.isAborting = true;
      this.#stopIfItNotices(task);
    }
    return task;
  }

  /** 3: they begin with 1 again when the module is registered again. */
  countAfresh(module: string): void {
    for (const key of this.#numbers.keys()) if (key.startsWith(`${module}/`)) this.#numbers.delete(key);
  }

  start(task: ModelTask): void {
    if (task.state !== "created") return;
    task.state = "running";
    task.startMs = this.nowMs;
  }

  report(task: ModelTask, own: Figures): void {
    if (!hasEnded(task)) task.own = own;
  }

  expect(task: ModelTask, total: number): void {
    if (!hasEnded(task)) task.expected = total;
  }

  /** rest-api, Test tasks: one that did not notice its abort ends failed now. */
  finish(task: ModelTask): void {
    if (task.isAborting && task.noticesAbortLate) this.#end(task, "failed", ABORT_REQUESTED);
    else this.#end(task, "done", "");
  }

  fail(task: ModelTask, error: string): void {
    this.#end(task, "failed", error);
  }

  /** 16, 17. @returns whether it may be asked for at all */
  abort(task: ModelTask): boolean {
    if (!task.isAbortable) return false;
    if (hasEnded(task) || task.isAborting) return true;
    const stopping: ModelTask[] = [];
    const mark = (one: ModelTask) => {
      one.isAborting = true;
      // Those below end before those above.
      for (const child of this.#attached(one)) mark(child);
      stopping.push(one);
    };
    mark(task);
    this.#at(this.nowMs + this.#abortDelayMs, () => {
      for (const one of stopping) this.#stopIfItNotices(one);
    });
    return true;
  }

  /** 15. */
  wait(task: ModelTask, timeoutSeconds: number | undefined): ModelWait {
    const wait: ModelWait = { task, answer: undefined };
    this.waits.push(wait);
    // rest-api: with two shards and no time, always.
    if (timeoutSeconds === 0) wait.answer = "timed out";
    else if (!task.isRegistered) wait.answer = "not found";
    else if (hasEnded(task)) wait.answer = outcomeOf(task);
    else if (timeoutSeconds !== undefined) {
      this.#at(this.nowMs + timeoutSeconds * 1000, () => {
        wait.answer ??= "timed out";
      });
    }
    return wait;
  }

  giveUp(wait: ModelWait): void {
    wait.answer ??= "gave up";
  }

  /** 18. */
  drain(module: string): void {
    for (const task of this.tasks) if (task.module === module && hasEnded(task)) task.isRegistered = false;
  }

  /** rest-api, Two generations. */
  look(task: ModelTask): void {
    if (this.release.statusUnregisters && hasEnded(task)) task.isRegistered = false;
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const [next] = this.#events.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#events = this.#events.filter((event) => event !== next);
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
  }

  /** 5. */
  listed(module: string, internal: boolean): string[] {
    return this.tasks
      .filter((task) => task.module === module && task.isRegistered && (internal || !task.isInternal))
      .map(({ id }) => id);
  }

  /** What a recursive status shows (8 to 10). */
  shape(task: ModelTask): Shape {
    const whole = this.#attached(task).map((child) => this.shape(child));
    const folded = task.children.filter(({ hasFolded }) => hasFolded).map(record);
    return [task.id, task.state, [...whole, ...folded]];
  }

  /** 7. */
  progress(task: ModelTask): Figures {
    if (task.final !== undefined) return task.final;
    const { completed, total } = this.#sums(task);
    return { completed, total: task.expected ?? total };
  }

  #sums(task: ModelTask): Figures {
    if (task.children.length === 0) return task.own ?? { completed: 0, total: this.release.idleTotal };
    const figures = task.children.map((child) => this.progress(child));
    return {
      completed: figures.reduce((sum, { completed }) => sum + completed, 0),
      total: figures.reduce((sum, { total }) => sum + total, 0),
    };
  }

  #end(task: ModelTask, state: "done" | "failed", error: string): void {
    if (hasEnded(task)) return;
    this.start(task);
    const sums = this.#sums(task);
    const isIdle = task.children.length === 0 && task.own === undefined;
    task.final = isIdle ? { ...sums, completed: sums.total } : sums;
    task.state = state;
    task.error = error;
    task.endMs = this.nowMs;
    for (const wait of this.waits) if (wait.task === task) wait.answer ??= outcomeOf(task);
    this.#fold(task);
    const keptSeconds = this.keptSeconds(task);
    if (keptSeconds === 0) task.isRegistered = false;
    else {
      this.#at(this.nowMs + keptSeconds * 1000, () => {
        task.isRegistered = false;
      });
    }
  }

  /** 8, 11, 12. */
  protected keptSeconds({ isInternal, isUserTask }: ModelTask): number {
    if (isInternal) return 0;
    return isUserTask && this.release.hasUserTtl ? this.userTtlSeconds : this.ttlSeconds;
  }

  /** 8: into a parent that can still be found; 10: not before its own children, what is attached to them included. */
  #fold(task: ModelTask): void {
    const { parent } = task;
    if (typeof parent !== "object" || !parent.isRegistered) return;
    task.hasFolded = this.#attached(task).length === 0;
  }

  #attached(task: ModelTask): ModelTask[] {
    return task.children.filter(({ hasFolded }) => !hasFolded);
  }

  #stopIfItNotices(task: ModelTask): void {
    if (!task.noticesAbortLate) this.#end(task, "failed", ABORT_REQUESTED);
  }

  #nextNumber(module: string, shard: number): number {
    const key = `${module}/${shard}`;
    const number = (this.#numbers.get(key) ?? 0) + 1;
    this.#numbers.set(key, number);
    return number;
  }

  #at(atMs: number, run: () => void): void {
    this.#events.push({ atMs, run });
  }
}

export const outcomeOf = ({ state, error }: { readonly state: string; readonly error: string }): string =>
  `${state} ${error}`.trim();

/** 9: a folded task takes along only what failed or leads down to a failure. */
function record(task: ModelTask): Shape {
  return [task.id, task.state, task.children.filter(leadsToFailure).map(record)];
}

function leadsToFailure(task: ModelTask): boolean {
  return task.state === "failed" || task.children.some(leadsToFailure);
}
