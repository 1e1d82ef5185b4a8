import type { TaskStatus } from "../client/wire.js";

/** Version of the schema of a journal's lines; a reader takes lines of this version and older ones. */
export const JOURNAL_VERSION = 1;

/** What every line has. */
interface Line {
  /** When it was seen, by the recorder's clock: ISO 8601 with milliseconds, in UTC. */
  readonly at: string;
}

/** A line about a task. */
interface TaskLine extends Line {
  /** Gossip address of the node that has the task; `null` for a cluster task, which is no node's own. */
  readonly node: string | null;
  readonly id: string;
}

/** First line of every segment: each segment can be read alone. */
export interface SegmentStarted extends Line {
  readonly event: "segment_started";
  readonly version: number;
  /** Version of the recorder. */
  readonly recorder: string;
  /** Name of the cluster, where a node says it. */
  readonly cluster?: string;
  /** Addresses of the nodes that are watched. */
  readonly nodes: readonly string[];
  /** Whether all nodes of the cluster are watched. */
  readonly all_nodes: boolean;
  /** Release of each node that said it. */
  readonly releases?: Readonly<Record<string, string>>;
  /** Time between two looks: what happens between them is dated with this precision. */
  readonly tick_seconds: number;
}

/** A task was seen for the first time in this segment. */
export interface TaskSeen extends TaskLine {
  readonly event: "task_seen";
  readonly module: string;
  /** All that the server says of it, with the wire's names. `progress_completed` and `progress_total` as of now. */
  readonly task: TaskStatus;
  /** Whether it ran before the watching began, or in a gap: when it was made is then known from `start_time` only. */
  readonly was_there?: true;
}

/** How far a task is. At intervals, and only where it moved. */
export interface TaskProgress extends TaskLine {
  readonly event: "task_progress";
  readonly completed: number;
  readonly total: number;
}

/** Fields of a task that are other than they were, but for progress: its state, its children. */
export interface TaskChanged extends TaskLine {
  readonly event: "task_changed";
  readonly task: Partial<TaskStatus>;
}

/** A task has ended. */
export interface TaskEnded extends TaskLine {
  readonly event: "task_ended";
  /** Its last status, with `end_time` and `error`; it stands for all that was said of the task before. */
  readonly task: TaskStatus;
  /** The end is at most so long before `at`; 0 where a waiting request told it at once. */
  readonly within_ms: number;
}

/** A task is not there any more, and nobody saw it end: how it ended is not known. */
export interface TaskGone extends TaskLine {
  readonly event: "task_gone";
  /** It went at most so long before `at`. */
  readonly within_ms: number;
}

/** A node does not answer. What it does from here on is not seen. */
export interface NodeLost extends Line {
  readonly event: "node_lost";
  readonly node: string;
  readonly reason: string;
}

/** A node answers, again or for the first time. */
export interface NodeBack extends Line {
  readonly event: "node_back";
  readonly node: string;
  /** Since when nothing of it was seen. */
  readonly since?: string;
}

/** Nothing was watched for a while: the recorder was stopped, or its disk was full. */
export interface Gap extends Line {
  readonly event: "gap";
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** The recorder stopped in order. */
export interface RecordingStopped extends Line {
  readonly event: "recording_stopped";
}

/** One line of a journal. A reader leaves out lines with an event that it does not know. */
export type JournalLine =
  | SegmentStarted
  | TaskSeen
  | TaskProgress
  | TaskChanged
  | TaskEnded
  | TaskGone
  | NodeLost
  | NodeBack
  | Gap
  | RecordingStopped;
