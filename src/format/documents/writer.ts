import type { Report } from "../reports/report.js";
import type { TableOptions } from "../text/padded-table.js";
import type { Pieces } from "../text/pieces.js";

export interface WriterOptions extends TableOptions {
  /** Called with a name that was left out because another command could misread it. */
  leaveOut(name: string): void;
}

/** Turns a report into text. */
export type Writer = <T>(report: Report<T>, options: WriterOptions) => Pieces;
