import type { Style } from "./style.js";

/** How to lay out a view on a terminal. */
export interface ViewOptions {
  /** The width of a line in cells. */
  readonly columns: number;
  readonly style: Style;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Drop and cut nothing, however long the lines get. */
  readonly wide: boolean;
  /** Whether a table begins with column titles. */
  readonly header: boolean;
  /** Whether the user chose the order of the rows. */
  readonly isSorted: boolean;
  /** For a view that is refreshed: what it showed last. */
  readonly memory?: ViewMemory;
}

export interface ViewMemory {
  /** The state of each task, by id. */
  states?: ReadonlyMap<string, string>;
}
