import type { Clock } from "../domain/clock.js";
import { ServerFault, TaskNotAbortable } from "../domain/errors.js";
import type { Node } from "../domain/node.js";
import type { NewTask, Task } from "../domain/task.js";
import type { TaskManager } from "../domain/task-manager.js";
import { Random } from "../random.js";
import { newTaskId } from "../task-id.js";
import { isPlayed } from "./catalogue.js";
import type { Keyspace, Outage, Scenario, TaskPlan } from "./scenario.js";

/** The shortest and the longest time between two reports of progress, and how many there are between. */
const SHORTEST_STEP_MS = 250;
const LONGEST_STEP_MS = 5_000;
const STEPS = 200;

/** The modules whose tasks know what their children will do. */
const EXPECTING_MODULES: ReadonlySet<string> = new Set(["compaction", "repair"]);

/** A failing task gets this far, if its plan does not say how far. */
const FAILING_SHARE = 0.6;

/** By how much tasks of the same plan differ, at most. */
const VARIATION = 0.2;

/** A plan cast: on which node, shard and table it plays, and as the child of whom. */
interface Role {
  readonly plan: TaskPlan;
  /** Its place in the scenario, from which ids and choices follow. */
  readonly key: string;
  readonly parent: Role | undefined;
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
  /** When it began: not every task tells. */
  beganMs: number;
  /** Future tasks, made when they are first needed. */
  children: readonly Role[] | undefined;
  unfinishedChildren: number;
  /** The error of the first child that failed. */
  childError: string | undefined;
}

/** Plays scenarios on a task manager: creates the tasks, lets them progress, ends them, each at its time. */
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

  /** Begins, and lets happen what the scenario puts before its start. */
  start(): void {
    this.#startMs = this.#clock.nowMs();
    for (const [index, plan] of this.scenario.tasks.entries()) {
      for (const role of this.#cast(plan, `${this.scenario.name}/${index}`, undefined, 0)) {
        this.#clock.schedule(this.#startMs + (plan.afterSeconds ?? 0) * 1000, this.#enter, role);
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

  /** Starts a task outside of the scenario, now, on the node that was asked to. */
  launch(plan: TaskPlan, node: Node): Task {
    const [role] = this.#cast(plan, `launch/${this.#launches++}`, undefined, this.manager.nodes.indexOf(node));
    if (role === undefined) throw new Error(`the plan of ${plan.type} has no task`);
    this.#enter(role);
    return role.task as Task;
  }

  #cast(plan: TaskPlan, key: string, parent: Role | undefined, nodeIndex: number): Role[] {
    const module = plan.module ?? parent?.module ?? "";
    if (!isPlayed(module, plan.type, this.manager.release)) return [];
    // The child of a node task lives on the node of its parent.
    const nodes = parent === undefined || parent.plan.kind === "cluster" ? this.manager.nodes : [parent.node];
    const node = nodes[(plan.node ?? nodeIndex) % nodes.length];
    if (node === undefined) throw new Error("a cluster has at least one node");
    const keyspace = plan.keyspace ?? parent?.keyspace ?? "";
    const tables = plan.tables ?? parent?.tables;
    const cast = (eachKey: string, variation: number, each: Partial<Pick<Role, "node" | "shard" | "table">>): Role => ({
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
      beganMs: 0,
      children: undefined,
      unfinishedChildren: 0,
      childError: undefined,
    });
    const castOneOf = (index: number, each: Parameters<typeof cast>[2]): Role => {
      const eachKey = `${key}.${index}`;
      return cast(eachKey, 1 + VARIATION * (2 * new Random(this.seed, `${eachKey}/variation`).next() - 1), each);
    };
    if (plan.copies !== undefined) return Array.from({ length: plan.copies }, (_, index) => castOneOf(index, {}));
    switch (plan.each) {
      case undefined:
        return [cast(key, 1, {})];
      case "node":
        return nodes.map((each, index) => castOneOf(index, { node: each }));
      case "shard":
        return Array.from({ length: node.shards }, (_, shard) => castOneOf(shard, { shard }));
      case "table":
        return (tables ?? this.#keyspace(keyspace)?.tables ?? []).map((table, index) => castOneOf(index, { table }));
    }
  }

  #keyspace(name: string): Keyspace | undefined {
    return this.scenario.keyspaces.find((keyspace) => keyspace.name === name);
  }

  readonly #enter = (role: Role): void => {
    const { plan, parent } = role;
    if (parent?.task?.isFinished) return;
    if (plan.everySeconds !== undefined) this.#scheduleNext(role, plan.everySeconds);
    if (!role.node.isUp && plan.kind !== "cluster") {
      if (parent !== undefined) this.#goneFrom(parent);
      return;
    }
    const spec: NewTask = {
      id: newTaskId({ ...role, kind: plan.kind, type: plan.type }, new Random(this.seed, role.key)),
      type: plan.type,
      scope: plan.scope,
      keyspace: role.keyspace,
      table: role.table,
      entity: plan.entityNode === undefined ? plan.entity : this.#hostIdOf(plan.entityNode),
      progressUnits: role.units,
      shard: role.shard,
      isAbortable: plan.isAbortable,
      isUserTask: role.isUserTask,
      isTransient: plan.isTransient,
      ignoresAbort: plan.ignoresAbort,
      tables: role.tables ?? this.#keyspace(role.keyspace)?.tables,
      isStartedInternally: plan.isStartedInternally,
      parent: parent?.task,
    };
    const task =
      plan.kind === "cluster"
        ? this.manager.createClusterTask(role.module, spec)
        : role.node.registerModule(role.module).create(spec);
    role.task = task;
    const expectedTotal = plan.expectedTotal ?? (plan.children && this.#expectedTotalOf(role));
    if (expectedTotal !== undefined) task.expectTotal(expectedTotal);
    // The cluster knows what it was asked for before it begins (catalogue: Cluster tasks).
    if (plan.kind === "cluster" && plan.total !== undefined) task.reportProgress(0, totalAt(role, 0));
    if (parent !== undefined) task.whenFinished(() => this.#childEnded(role, parent));
    if (plan.abortedAfterSeconds !== undefined) {
      this.#clock.schedule(this.#clock.nowMs() + plan.abortedAfterSeconds * 1000, this.#abort, role);
    }
    if (plan.queuedSeconds === undefined) this.#begin(role);
    else this.#clock.schedule(this.#clock.nowMs() + plan.queuedSeconds * 1000, this.#begin, role);
  };

  /** A root that comes again is the same role under another id. */
  #scheduleNext(role: Role, everySeconds: number): void {
    const [name = "", round = "0"] = role.key.split("#");
    const next: Role = {
      ...role,
      key: `${name}#${Number(round) + 1}`,
      task: undefined,
      beganMs: 0,
      children: undefined,
      unfinishedChildren: 0,
      childError: undefined,
    };
    this.#clock.schedule(this.#clock.nowMs() + everySeconds * 1000, this.#enter, next);
  }

  #hostIdOf(place: number): string | undefined {
    const { nodes } = this.manager;
    return nodes[place % nodes.length]?.hostId;
  }

  #childrenOf(role: Role): readonly Role[] {
    role.children ??= (role.plan.children ?? []).flatMap((plan, index) =>
      this.#cast(plan, `${role.key}/${index}`, role, 0),
    );
    return role.children;
  }

  /** Compactions and repairs know in advance what their children will sum up to (semantics 7), unless it changes on the way. */
  #expectedTotalOf(role: Role): number | undefined {
    const { plan, module } = role;
    if (plan.finalTotal !== undefined) return undefined;
    if (plan.children === undefined) return plan.total === undefined ? undefined : totalAt(role, 0);
    if (!EXPECTING_MODULES.has(module) || plan.kind === "cluster") return undefined;
    let sum = 0;
    for (const child of this.#childrenOf(role)) {
      const total = child.plan.expectedTotal ?? this.#expectedTotalOf(child);
      if (total === undefined) return undefined;
      sum += total;
    }
    return sum;
  }

  readonly #abort = ({ task, node }: Role): void => {
    if (!task?.isRegistered) return;
    try {
      node.abort(task.id);
    } catch (error) {
      // Not every release lets it be aborted, and not at every time.
      if (!(error instanceof TaskNotAbortable || error instanceof ServerFault)) throw error;
    }
  };

  readonly #begin = (role: Role): void => {
    const { plan, task } = role;
    if (task === undefined || task.isFinished) return;
    task.start();
    const startMs = this.#clock.nowMs();
    role.beganMs = startMs;
    for (const child of this.#childrenOf(role)) {
      role.unfinishedChildren++;
      this.#clock.schedule(startMs + (child.plan.afterSeconds ?? 0) * 1000, this.#enter, child);
    }
    if (plan.runsSeconds !== undefined) {
      this.#clock.schedule(startMs + runsMs(role, plan.runsSeconds), this.#end, role);
    } else if (plan.children !== undefined && role.unfinishedChildren === 0) {
      this.#clock.schedule(startMs, this.#end, role);
    }
    if (plan.total !== undefined) this.#reportProgress(role);
  };

  /** Reports how far a leaf is, and again a little later. */
  readonly #reportProgress = (role: Role): void => {
    const { plan, task } = role;
    if (task === undefined || task.isFinished || plan.total === undefined) return;
    if (plan.runsSeconds === undefined) {
      task.reportProgress(plan.completed ?? 0, totalAt(role, 0));
      return;
    }
    const durationMs = runsMs(role, plan.runsSeconds);
    const nowMs = this.#clock.nowMs();
    const share = Math.min((nowMs - role.beganMs) / durationMs, 1);
    const completed = completedAtEnd(role);
    task.reportProgress(Math.floor(share * completed), totalAt(role, share));
    const stepMs =
      completed < STEPS && plan.finalTotal === undefined
        ? Math.max(durationMs / Math.max(completed, 1), SHORTEST_STEP_MS)
        : Math.min(Math.max(durationMs / STEPS, SHORTEST_STEP_MS), LONGEST_STEP_MS);
    // No one looks before the start.
    this.#clock.schedule(Math.max(nowMs + stepMs, this.#startMs), this.#reportProgress, role);
  };

  readonly #end = (role: Role): void => {
    const { plan, task } = role;
    if (task === undefined || task.isFinished) return;
    if (plan.total !== undefined) task.reportProgress(completedAtEnd(role), totalAt(role, 1));
    const error = plan.error ?? role.childError;
    if (error !== undefined) task.fail(error);
    else if (plan.isSuspended) task.suspend();
    else task.finish();
  };

  /** A parent without a duration of its own ends with the last of its children, and fails if one of them did. */
  #childEnded({ task }: Role, parent: Role): void {
    // What was lost with its node says nothing about the work: a cluster task goes on without it (semantics 21).
    if (task?.state === "failed" && task.isRegistered) parent.childError ??= task.error;
    this.#goneFrom(parent);
  }

  #goneFrom(parent: Role): void {
    parent.unfinishedChildren--;
    // By way of the clock: a call would go as deep as the tree.
    if (parent.unfinishedChildren === 0 && parent.plan.runsSeconds === undefined) {
      this.#clock.schedule(this.#clock.nowMs(), this.#end, parent);
    }
  }
}

function completedAtEnd(role: Role): number {
  const { plan } = role;
  if (plan.completed !== undefined) return Math.round(plan.completed * role.variation);
  const total = totalAt(role, 1);
  return plan.error === undefined ? total : Math.round(total * FAILING_SHARE);
}

/** The total when a share of the duration has gone by. */
function totalAt({ plan, variation }: Role, share: number): number {
  const { total = 0, finalTotal = total } = plan;
  return Math.round((total + share * (finalTotal - total)) * variation);
}

function runsMs(role: Role, runsSeconds: number): number {
  return Math.max(Math.round(runsSeconds * role.variation * 1000), 1);
}
