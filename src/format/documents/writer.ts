import type { Report } from "../reports/report.js";
import type { TableOptions } from "../text/padded-table.js";
import type { Pieces } from "../text/pieces.js";

export interface WriterOptions extends TableOptions {
  /** Takes a name that was not written, because another command could take it for something else. */
  leaveOut(name: string): void;
}

/** Turns a report into text. */
export type Writer = <T>(report: Report<T>, options: WriterOptions) => Pieces;
