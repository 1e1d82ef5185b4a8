import type { Clock } from "../domain/clock.js";
import { ServerFault, TaskNotAbortable } from "../domain/errors.js";
import type { Node } from "../domain/node.js";
import type { NewTask, Task } from "../domain/task.js";
import type { TaskManager } from "../domain/task-manager.js";
import { Random } from "../random.js";
import { newTaskId } from "../task-id.js";
import { hasTasks } from "./catalogue.js";
import type { Keyspace, Outage, Scenario, TaskPlan } from "./scenario.js";

/** Progress is reported in this many steps, which have a shortest and a longest time. */
const SHORTEST_STEP_MS = 250;
const LONGEST_STEP_MS = 5_000;
const STEPS = 200;

/** The modules whose tasks know in advance what their children will sum up to (semantics 7). */
const EXPECTING_MODULES: ReadonlySet<string> = new Set(["compaction", "repair"]);

/** The share of its total that a failing task completes, unless its plan says how much. */
const FAILING_SHARE = 0.6;

/** How much durations and totals of tasks of the same plan differ at most, as a share. */
const VARIATION = 0.2;

/** A task that a plan makes: its node, shard, table and parent are decided. One plan may make several. */
interface PlannedTask {
  readonly plan: TaskPlan;
  /** Where it is in the scenario; its id and random choices follow from this. */
  readonly key: string;
  readonly parent: PlannedTask | undefined;
  readonly module: string;
  readonly node: Node;
  readonly shard: number;
  readonly keyspace: string;
  readonly table: string;
  readonly tables: readonly string[] | undefined;
  readonly units: string;
  readonly isUserTask: boolean;
  /** A factor for durations and totals. */
  readonly variation: number;
  task: Task | undefined;
  /** When it started: some tasks do not show that. */
  startMs: number;
  /** Made when they are first needed. */
  children: readonly PlannedTask[] | undefined;
  unfinishedChildren: number;
  /** The error of the first child that failed. */
  childError: string | undefined;
}

/** Plays a scenario on a task manager: creates tasks, reports their progress and ends them, on time. */
export class Player {
  readonly #clock: Clock;
  #startMs = 0;
  #launches = 0;

  constructor(
    private readonly manager: TaskManager,
    private readonly scenario: Scenario,
    private readonly seed: number,
  ) {
    this.#clock = manager.clock;
  }

  /** Begins, and plays at once what happens before the start of the mock. */
  start(): void {
    this.#startMs = this.#clock.nowMs();
    for (const [index, plan] of this.scenario.tasks.entries()) {
      for (const planned of this.#expand(plan, `${this.scenario.name}/${index}`, undefined, 0)) {
        this.#clock.schedule(this.#startMs + (plan.afterSeconds ?? 0) * 1000, this.#create, planned);
      }
    }
    for (const outage of this.scenario.outages ?? []) {
      this.#clock.schedule(this.#startMs + outage.afterSeconds * 1000, this.#takeDown, outage);
    }
    this.#clock.catchUp();
  }

  readonly #takeDown = (outage: Outage): void => {
    const node = this.manager.nodes[outage.node];
    if (node === undefined) return;
    this.manager.takeDown(node);
    const nowMs = this.#clock.nowMs();
    const { downSeconds, everySeconds } = outage;
    if (downSeconds !== undefined) this.#clock.schedule(nowMs + downSeconds * 1000, this.#bringUp, node);
    if (everySeconds !== undefined) this.#clock.schedule(nowMs + everySeconds * 1000, this.#takeDown, outage);
  };

  readonly #bringUp = (node: Node): void => this.manager.bringUp(node);

  /** Starts a task that is not in the scenario, now and on this node. */
  launch(plan: TaskPlan, node: Node): Task {
    const [planned] = this.#expand(plan, `launch/${this.#launches++}`, undefined, this.manager.nodes.indexOf(node));
    if (planned === undefined) throw new Error(`the plan of ${plan.type} has no task`);
    this.#create(planned);
    return planned.task as Task;
  }

  #expand(plan: TaskPlan, key: string, parent: PlannedTask | undefined, nodeIndex: number): PlannedTask[] {
    const module = plan.module ?? parent?.module ?? "";
    if (!hasTasks(this.manager.release, module, plan.type)) return [];
    // The child of a node task runs on the node of its parent.
    const nodes = parent === undefined || parent.plan.kind === "cluster" ? this.manager.nodes : [parent.node];
    const node = nodes[(plan.node ?? nodeIndex) % nodes.length];
    if (node === undefined) throw new Error("a cluster has at least one node");
    const keyspace = plan.keyspace ?? parent?.keyspace ?? "";
    const tables = plan.tables ?? parent?.tables;
    const one = (
      eachKey: string,
      variation: number,
      each: Partial<Pick<PlannedTask, "node" | "shard" | "table">>,
    ): PlannedTask => ({
      plan,
      key: eachKey,
      parent,
      module,
      node: each.node ?? node,
      shard: each.shard ?? (plan.shard ?? parent?.shard ?? 0) % node.shards,
      keyspace,
      table: each.table ?? plan.table ?? parent?.table ?? "",
      tables,
      units: plan.units ?? parent?.units ?? "",
      isUserTask: plan.isUserTask ?? parent?.isUserTask ?? false,
      variation,
      task: undefined,
      startMs: 0,
      children: undefined,
      unfinishedChildren: 0,
      childError: undefined,
    });
    const oneOfMany = (index: number, each: Parameters<typeof one>[2]): PlannedTask => {
      const eachKey = `${key}.${index}`;
      return one(eachKey, 1 + VARIATION * (2 * new Random(this.seed, `${eachKey}/variation`).next() - 1), each);
    };
    if (plan.copies !== undefined) return Array.from({ length: plan.copies }, (_, index) => oneOfMany(index, {}));
    switch (plan.each) {
      case undefined:
        return [one(key, 1, {})];
      case "node":
        return nodes.map((each, index) => oneOfMany(index, { node: each }));
      case "shard":
        return Array.from({ length: node.shards }, (_, shard) => oneOfMany(shard, { shard }));
      case "table":
        return (tables ?? this.#keyspace(keyspace)?.tables ?? []).map((table, index) => oneOfMany(index, { table }));
    }
  }

  #keyspace(name: string): Keyspace | undefined {
    return this.scenario.keyspaces.find((keyspace) => keyspace.name === name);
  }

  readonly #create = (planned: PlannedTask): void => {
    const { plan, parent } = planned;
    if (parent?.task?.isFinished) return;
    if (plan.everySeconds !== undefined) this.#scheduleNext(planned, plan.everySeconds);
    if (!planned.node.isUp && plan.kind !== "cluster") {
      if (parent !== undefined) this.#childGone(parent);
      return;
    }
    const spec: NewTask = {
      id: newTaskId({ ...planned, kind: plan.kind, type: plan.type }, new Random(this.seed, planned.key)),
      type: plan.type,
      scope: plan.scope,
      keyspace: planned.keyspace,
      table: planned.table,
      entity: plan.entityNode === undefined ? plan.entity : this.#hostIdOf(plan.entityNode),
      progressUnits: planned.units,
      shard: planned.shard,
      isAbortable: plan.isAbortable,
      isUserTask: planned.isUserTask,
      isTransient: plan.isTransient,
      ignoresAbort: plan.ignoresAbort,
      tables: planned.tables ?? this.#keyspace(planned.keyspace)?.tables,
      isStartedInternally: plan.isStartedInternally,
      parent: parent?.task,
    };
    const task =
      plan.kind === "cluster"
        ? this.manager.createClusterTask(planned.module, spec)
        : planned.node.registerModule(planned.module).create(spec);
    planned.task = task;
    const expectedTotal = plan.expectedTotal ?? (plan.children && this.#expectedTotalOf(planned));
    if (expectedTotal !== undefined) task.expectTotal(expectedTotal);
    // A cluster task knows its total before it starts (catalogue: Cluster tasks).
    if (plan.kind === "cluster" && plan.total !== undefined) task.reportProgress(0, totalAt(planned, 0));
    if (parent !== undefined) task.whenFinished(() => this.#childEnded(planned, parent));
    if (plan.abortedAfterSeconds !== undefined) {
      this.#clock.schedule(this.#clock.nowMs() + plan.abortedAfterSeconds * 1000, this.#abort, planned);
    }
    if (plan.queuedSeconds === undefined) this.#start(planned);
    else this.#clock.schedule(this.#clock.nowMs() + plan.queuedSeconds * 1000, this.#start, planned);
  };

  /** A root that is repeated is the same planned task with another id. */
  #scheduleNext(planned: PlannedTask, everySeconds: number): void {
    const [name = "", round = "0"] = planned.key.split("#");
    const next: PlannedTask = {
      ...planned,
      key: `${name}#${Number(round) + 1}`,
      task: undefined,
      startMs: 0,
      children: undefined,
      unfinishedChildren: 0,
      childError: undefined,
    };
    this.#clock.schedule(this.#clock.nowMs() + everySeconds * 1000, this.#create, next);
  }

  #hostIdOf(nodeIndex: number): string | undefined {
    const { nodes } = this.manager;
    return nodes[nodeIndex % nodes.length]?.hostId;
  }

  #childrenOf(planned: PlannedTask): readonly PlannedTask[] {
    planned.children ??= (planned.plan.children ?? []).flatMap((plan, index) =>
      this.#expand(plan, `${planned.key}/${index}`, planned, 0),
    );
    return planned.children;
  }

  /** What the children will sum up to (semantics 7); `undefined` if that is not known in advance, or changes on the way. */
  #expectedTotalOf(planned: PlannedTask): number | undefined {
    const { plan, module } = planned;
    if (plan.finalTotal !== undefined) return undefined;
    if (plan.children === undefined) return plan.total === undefined ? undefined : totalAt(planned, 0);
    if (!EXPECTING_MODULES.has(module) || plan.kind === "cluster") return undefined;
    let sum = 0;
    for (const child of this.#childrenOf(planned)) {
      const total = child.plan.expectedTotal ?? this.#expectedTotalOf(child);
      if (total === undefined) return undefined;
      sum += total;
    }
    return sum;
  }

  readonly #abort = ({ task, node }: PlannedTask): void => {
    if (!task?.isRegistered) return;
    try {
      node.abort(task.id);
    } catch (error) {
      // Some tasks can be aborted only in some releases, or only at some times.
      if (!(error instanceof TaskNotAbortable || error instanceof ServerFault)) throw error;
    }
  };

  readonly #start = (planned: PlannedTask): void => {
    const { plan, task } = planned;
    if (task === undefined || task.isFinished) return;
    task.start();
    const startMs = this.#clock.nowMs();
    planned.startMs = startMs;
    for (const child of this.#childrenOf(planned)) {
      planned.unfinishedChildren++;
      this.#clock.schedule(startMs + (child.plan.afterSeconds ?? 0) * 1000, this.#create, child);
    }
    if (plan.runsSeconds !== undefined) {
      this.#clock.schedule(startMs + runsMs(planned, plan.runsSeconds), this.#end, planned);
    } else if (plan.children !== undefined && planned.unfinishedChildren === 0) {
      this.#clock.schedule(startMs, this.#end, planned);
    }
    if (plan.total !== undefined) this.#reportProgress(planned);
  };

  /** Reports the progress of a leaf now, and again until it ends. */
  readonly #reportProgress = (planned: PlannedTask): void => {
    const { plan, task } = planned;
    if (task === undefined || task.isFinished || plan.total === undefined) return;
    if (plan.runsSeconds === undefined) {
      task.reportProgress(plan.completed ?? 0, totalAt(planned, 0));
      return;
    }
    const durationMs = runsMs(planned, plan.runsSeconds);
    const nowMs = this.#clock.nowMs();
    const share = Math.min((nowMs - planned.startMs) / durationMs, 1);
    const completed = completedAtEnd(planned);
    task.reportProgress(Math.floor(share * completed), totalAt(planned, share));
    const stepMs =
      completed < STEPS && plan.finalTotal === undefined
        ? Math.max(durationMs / Math.max(completed, 1), SHORTEST_STEP_MS)
        : Math.min(Math.max(durationMs / STEPS, SHORTEST_STEP_MS), LONGEST_STEP_MS);
    // Before the start of the mock nobody can see it.
    this.#clock.schedule(Math.max(nowMs + stepMs, this.#startMs), this.#reportProgress, planned);
  };

  readonly #end = (planned: PlannedTask): void => {
    const { plan, task } = planned;
    if (task === undefined || task.isFinished) return;
    if (plan.total !== undefined) task.reportProgress(completedAtEnd(planned), totalAt(planned, 1));
    const error = plan.error ?? planned.childError;
    if (error !== undefined) task.fail(error);
    else if (plan.isSuspended) task.suspend();
    else task.finish();
  };

  /** A parent without a duration of its own ends with the last of its children, and fails if one of them did. */
  #childEnded({ task }: PlannedTask, parent: PlannedTask): void {
    // A task that was lost with its node has not failed: a cluster task goes on without it (semantics 21).
    if (task?.state === "failed" && task.isRegistered) parent.childError ??= task.error;
    this.#childGone(parent);
  }

  #childGone(parent: PlannedTask): void {
    parent.unfinishedChildren--;
    // Through the clock, because calls would nest as deep as the tree.
    if (parent.unfinishedChildren === 0 && parent.plan.runsSeconds === undefined) {
      this.#clock.schedule(this.#clock.nowMs(), this.#end, parent);
    }
  }
}

function completedAtEnd(planned: PlannedTask): number {
  const { plan } = planned;
  if (plan.completed !== undefined) return Math.round(plan.completed * planned.variation);
  const total = totalAt(planned, 1);
  return plan.error === undefined ? total : Math.round(total * FAILING_SHARE);
}

/** The total when a share of the duration has gone by. */
function totalAt({ plan, variation }: PlannedTask, share: number): number {
  const { total = 0, finalTotal = total } = plan;
  return Math.round((total + share * (finalTotal - total)) * variation);
}

function runsMs(planned: PlannedTask, runsSeconds: number): number {
  return Math.max(Math.round(runsSeconds * planned.variation * 1000), 1);
}
