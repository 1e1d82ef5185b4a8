import type { TaskStats, TaskStatus } from "../client/wire.js";
import { numberOf } from "../strings/number-of.js";
import type { TaskFilter, Verdict } from "../tasks/filter.js";
import type { Looked } from "./look.js";

/** Fields that lists of older servers lack, and a status has. */
const STATUS_ONLY = ["shard", "start_time", "end_time"] as const;

/** Decides which tasks match a filter, and counts those for which the server does not send enough. */
export class RowFilter {
  readonly #filter: TaskFilter | undefined;
  readonly #leftOut: Set<string>;
  #unknown = 0;

  constructor(filter: TaskFilter | undefined, leftOut: Set<string>) {
    this.#filter = filter;
    this.#leftOut = leftOut;
  }

  verdict(task: TaskStats): Verdict {
    return this.#filter?.(task) ?? "yes";
  }

  /** Whether the task matches, by a status with more fields than its row. */
  accepts(status: TaskStatus): boolean {
    const verdict = this.#filter?.(status) ?? "yes";
    if (verdict === "unknown") this.#unknown++;
    return verdict === "yes";
  }

  /**
   * The matching rows, with fields of their statuses where the rows alone were not enough.
   * @param look returns the statuses of tasks, in order
   */
  async rows<T extends TaskStats>(
    listed: readonly T[],
    look: (tasks: readonly T[]) => Promise<readonly Looked[]>,
  ): Promise<T[]> {
    const verdicts = listed.map((task) => this.verdict(task));
    const unknown = listed.filter((_, index) => verdicts[index] === "unknown");
    if (unknown.length === 0) return listed.filter((_, index) => verdicts[index] === "yes");
    const statuses = await look(unknown);
    const added = new Map(unknown.map((task, index) => [task, statuses[index]]));
    return listed.flatMap((task, index) => {
      if (verdicts[index] !== "unknown") return verdicts[index] === "yes" ? [task] : [];
      const status = added.get(task);
      if (status === "gone" || !this.accepts({ ...task, ...status })) return [];
      return [{ ...task, ...pick(status ?? {}, task) }];
    });
  }

  /** Call it at the end: it reports what was left out. */
  end(): void {
    if (this.#unknown === 0) return;
    const tasks = numberOf(this.#unknown, "task");
    this.#leftOut.add(`${tasks} left out: the server does not report the fields that the options filter by`);
  }
}

function pick(status: TaskStatus, task: TaskStats): Partial<TaskStats> {
  return Object.fromEntries(
    STATUS_ONLY.filter((field) => task[field] === undefined && status[field] !== undefined).map((field) => [
      field,
      status[field],
    ]),
  );
}
