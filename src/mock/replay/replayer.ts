import type { Clock } from "../domain/clock.js";
import type { Node } from "../domain/node.js";
import type { NewTask, Task } from "../domain/task.js";
import type { TaskManager } from "../domain/task-manager.js";
import { parentOf, type RecordedStatus, type ReplayedTask, type ReplayPlan, type ReplayStep } from "./replay-plan.js";

/** Internal tasks without a parent (catalogue). */
const STARTED_INTERNALLY: ReadonlySet<string> = new Set(["regular compaction"]);

/** Types that no user starts, so that they are kept for `ttl` (catalogue). */
const STARTED_BY_SERVER =
  /^(resh(ap|ard)ing compaction|sstables compaction|bootstrap|replace|rebuild|decommission|removenode|.*: streaming)$/;

/** A lone `compaction group` is an offstrategy compaction that the server started by itself. */
const isUserTask = ({ type = "", scope }: RecordedStatus): boolean =>
  !STARTED_BY_SERVER.test(type) && scope !== "compaction group";

/** Plays a journal on a task manager: what was recorded happens again at the same intervals, beginning now. */
export class Replayer {
  readonly #manager: TaskManager;
  readonly #clock: Clock;
  readonly #steps: readonly ReplayStep[];
  readonly #beginMs: number;
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #tasks = new Map<string, Task>();
  #shiftMs = 0;
  #next = 0;

  constructor(manager: TaskManager, plan: ReplayPlan) {
    this.#manager = manager;
    this.#clock = manager.clock;
    this.#steps = plan.steps;
    this.#beginMs = plan.beginMs;
    this.#nodes = new Map(plan.nodes.map((address, index) => [address, manager.nodes[index] as Node]));
  }

  /** Begins, and plays at once what happened before the recording began. */
  start(): void {
    this.#shiftMs = this.#clock.nowMs() - this.#beginMs;
    this.#scheduleNext();
    this.#clock.catchUp();
  }

  #scheduleNext(): void {
    const step = this.#steps[this.#next++];
    if (step !== undefined) this.#clock.schedule(step.atMs + this.#shiftMs, this.#play, step);
  }

  readonly #play = (step: ReplayStep): void => {
    this.#take(step);
    this.#scheduleNext();
  };

  #take(step: ReplayStep): void {
    switch (step.does) {
      case "create":
        this.#create(step.task);
        break;
      case "start":
        this.#start(step.id, step.startMs + this.#shiftMs);
        break;
      case "progress":
        this.#tasks.get(step.id)?.showProgress(step.completed, step.total);
        break;
      case "end":
        this.#end(step.id, step.state, step.error);
        break;
      case "forget":
        this.#forget(step.id);
        break;
      case "down":
        this.#manager.takeDown(this.#nodes.get(step.node) as Node);
        break;
      case "up":
        this.#manager.bringUp(this.#nodes.get(step.node) as Node);
    }
  }

  #create({ id, node: address, module, status }: ReplayedTask): void {
    const node = address === null ? undefined : this.#nodes.get(address);
    // The node is down.
    if (address !== null && !node?.isUp) return;
    const above = this.#tasks.get(parentOf(status) ?? "");
    const isOfThisNode = above?.kind === "cluster" || (above !== undefined && above.nodeAddress === node?.address);
    const spec: NewTask = {
      id,
      type: status.type ?? "",
      scope: status.scope ?? "",
      keyspace: status.keyspace,
      table: status.table,
      entity: status.entity,
      progressUnits: status.progress_units,
      shard: status.shard,
      sequenceNumber: status.sequence_number,
      isAbortable: status.is_abortable,
      isUserTask: isUserTask(status),
      isStartedInternally: STARTED_INTERNALLY.has(status.type ?? ""),
      parent: isOfThisNode && above?.isFinished === false ? above : undefined,
    };
    const task =
      node === undefined ? this.#manager.createClusterTask(module, spec) : node.registerModule(module).create(spec);
    this.#tasks.set(id, task);
  }

  #start(id: string, startMs: number): void {
    const task = this.#tasks.get(id);
    if (task?.state !== "created") return;
    task.start();
    // The recording may have begun long after the task did, or its node may have been away.
    if (task.startTimeMs !== 0) task.startTimeMs = startMs;
  }

  #end(id: string, state: string, error: string): void {
    const task = this.#tasks.get(id);
    this.#tasks.delete(id);
    if (state === "failed") task?.fail(error);
    else if (state === "suspended") task?.suspend();
    else task?.finish();
  }

  /** The task was gone, and nobody saw how it ended. */
  #forget(id: string): void {
    const task = this.#tasks.get(id);
    this.#tasks.delete(id);
    if (task === undefined) return;
    task.finish();
    const node = this.#manager.nodes.find(({ address }) => address === task.nodeAddress);
    if (node?.isUp) node.module(task.moduleName).unregister(task);
  }
}
