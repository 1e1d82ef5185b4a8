import type * as v from "valibot";
import type * as schema from "./journal-schema.js";

/** Version of the schema of a journal's lines; a reader takes lines of this version and older ones. */
export const JOURNAL_VERSION = 1;

// What each says: its description in the schema.
export type SegmentStarted = v.InferOutput<typeof schema.segmentStarted>;
export type TaskSeen = v.InferOutput<typeof schema.taskSeen>;
export type TaskProgress = v.InferOutput<typeof schema.taskProgress>;
export type TaskChanged = v.InferOutput<typeof schema.taskChanged>;
export type TaskEnded = v.InferOutput<typeof schema.taskEnded>;
export type TaskGone = v.InferOutput<typeof schema.taskGone>;
export type NodeLost = v.InferOutput<typeof schema.nodeLost>;
export type Gap = v.InferOutput<typeof schema.gap>;

/** One line of a journal. A reader leaves out lines with an event that it does not know. */
export type JournalLine = v.InferOutput<typeof schema.journalLineSchema>;
