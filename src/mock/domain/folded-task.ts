import type { TaskKind, TaskState } from "../../vocabulary.js";
import type { Progress } from "./progress.js";
import type { TaskView } from "./task-view.js";

/** What is left of a child that has folded into its parent: its last status, which never changes (semantics 8). */
export class FoldedTask implements TaskView {
  readonly id: string;
  readonly type: string;
  readonly kind: TaskKind;
  readonly scope: string;
  readonly state: TaskState;
  readonly isAbortable: boolean;
  readonly isInternal: boolean;
  readonly startTimeMs: number;
  readonly endTimeMs: number;
  readonly error: string;
  readonly parentId: string | undefined;
  readonly sequenceNumber: number;
  readonly shard: number;
  readonly keyspace: string;
  readonly table: string;
  readonly entity: string;
  readonly progressUnits: string;
  readonly progress: Progress;
  readonly nodeAddress: string | undefined;
  /** Only those children that lead to a failure (semantics 9). */
  readonly children: readonly FoldedTask[];

  /**
   * @param task - a finished task
   * @param folded - the children that have folded into it
   */
  constructor(task: TaskView, folded: readonly FoldedTask[]) {
    this.id = task.id;
    this.type = task.type;
    this.kind = task.kind;
    this.scope = task.scope;
    this.state = task.state;
    this.isAbortable = task.isAbortable;
    this.isInternal = task.isInternal;
    this.startTimeMs = task.startTimeMs;
    this.endTimeMs = task.endTimeMs;
    this.error = task.error;
    this.parentId = task.parentId;
    this.sequenceNumber = task.sequenceNumber;
    this.shard = task.shard;
    this.keyspace = task.keyspace;
    this.table = task.table;
    this.entity = task.entity;
    this.progressUnits = task.progressUnits;
    this.progress = task.progress;
    this.nodeAddress = task.nodeAddress;
    this.children = folded.filter((child) => child.leadsToFailure);
  }

  /** Whether it or one of its descendants failed. */
  get leadsToFailure(): boolean {
    return this.state === "failed" || this.children.length > 0;
  }
}
