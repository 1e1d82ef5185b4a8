import type { Style } from "./style.js";

/** How a view on a terminal is to be laid out. */
export interface ViewOptions {
  /** Cells in a line. */
  readonly columns: number;
  readonly style: Style;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Leave nothing out, and cut nothing, however long the lines get. */
  readonly wide: boolean;
  /** Whether a table begins with the titles of its columns. */
  readonly header: boolean;
  /** Whether the user asked for an order of the rows. */
  readonly isSorted: boolean;
  /** Of a view that is drawn again and again: what it showed last. */
  readonly memory?: ViewMemory;
}

export interface ViewMemory {
  /** The state of each task, by its id. */
  states?: ReadonlyMap<string, string>;
}
