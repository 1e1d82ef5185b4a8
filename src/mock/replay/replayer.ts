import type { Clock } from "../domain/clock.js";
import type { Node } from "../domain/node.js";
import type { NewTask, Task } from "../domain/task.js";
import type { TaskManager } from "../domain/task-manager.js";
import { parentOf, type RecordedStatus, type ReplayedTask, type ReplayPlan, type ReplayStep } from "./replay-plan.js";

/** Catalogue: the tasks that lists leave out though they are nobody's part. */
const STARTED_INTERNALLY: ReadonlySet<string> = new Set(["regular compaction"]);

/** Catalogue: types that no user starts, so that they are kept for `ttl`. */
const STARTED_BY_SERVER =
  /^(resh(ap|ard)ing compaction|sstables compaction|bootstrap|replace|rebuild|decommission|removenode|.*: streaming)$/;

/** Of an offstrategy compaction that the server starts by itself, one group is all. */
const isUserTask = ({ type = "", scope }: RecordedStatus): boolean =>
  !STARTED_BY_SERVER.test(type) && scope !== "compaction group";

/** Plays a journal on a task manager: what was recorded happens again, at the same distances in time, beginning now. */
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
    this.#nodes = new Map(plan.nodes.map((address, place) => [address, manager.nodes[place] as Node]));
  }

  /** Begins, and lets happen what was before the recording began. */
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
    // Nothing of a node that is away is seen.
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
    // It may have been recorded long after it began, or be back with its node.
    if (task.startTimeMs !== 0) task.startTimeMs = startMs;
  }

  #end(id: string, state: string, error: string): void {
    const task = this.#tasks.get(id);
    this.#tasks.delete(id);
    if (state === "failed") task?.fail(error);
    else if (state === "suspended") task?.suspend();
    else task?.finish();
  }

  /** Nobody saw how it ended: it is there no more. */
  #forget(id: string): void {
    const task = this.#tasks.get(id);
    this.#tasks.delete(id);
    if (task === undefined) return;
    task.finish();
    const node = this.#manager.nodes.find(({ address }) => address === task.nodeAddress);
    if (node?.isUp) node.module(task.moduleName).unregister(task);
  }
}
