import type { JsonRecord } from "../../tasks/record.js";
import type { ViewOptions } from "../terminal/view-options.js";
import type { TableOptions } from "../text/padded-table.js";
import type { Pieces } from "../text/pieces.js";

/** A node that did not answer, and why. */
export interface NodeError {
  readonly node: string;
  readonly reason: string;
}

/** Rows as they arrive, several at a time. */
export type Batches<T> = AsyncIterable<readonly T[]>;

/**
 * What a command has to say, before anyone chose a format: rows, and how each family of formats sees them. A report is
 * read once.
 */
export interface Report<T = unknown> {
  readonly rows: Batches<T>;
  /** Whether JSON shows the one row itself, or an array of all. */
  readonly shape: "one" | "many";
  /**
   * The names of what a record holds, in the order of the columns. A record may lack some, and hold others that its server
   * sent beside them; of a bare value, the one name that it goes by where a format needs one.
   */
  readonly fields: readonly string[];
  /** Names of what rows may hold beside that, shown only where they are asked for by name. */
  readonly onRequest?: readonly string[];
  /** A row as programs get it (json, ndjson, yaml, csv). */
  record(row: T): unknown;
  /** Of an answer of many nodes: the name of the rows in a document that holds the errors beside them. */
  readonly key?: string;
  /** What a document says of all rows together, in front of them. With `key`. */
  about?(): JsonRecord;
  /** The nodes that did not answer; read after the rows. With `key`. */
  errors?(): readonly NodeError[];
  /** Leaves out rows that are there already, in every format but nodetool's own table, which shows them again. */
  distinct?(rows: Batches<T>): Batches<T>;
  /** nodetool's text: what a pipe gets unless another format is asked for. */
  table(rows: Batches<T>, options: TableOptions): Pieces;
  /** What a person sees on a terminal; without it, the table. */
  view?(rows: Batches<T>, options: ViewOptions): Pieces;
}

/** What a report says of the nodes that were asked. */
export interface AskedNodes {
  readonly isMany: boolean;
  /** Those that did not answer; read once the rows were. */
  readonly unanswered: readonly NodeError[];
}

/** A report of many nodes: in a document its rows stand beside the errors of the nodes that did not answer. Of one, as it is. */
export function ofNodes<T>(report: Report<T>, key: string, nodes: AskedNodes): Report<T> {
  return nodes.isMany ? { ...report, key, errors: () => nodes.unanswered } : report;
}

/** Rows that are all there already. */
export async function* batch<T>(rows: readonly T[]): AsyncGenerator<readonly T[]> {
  yield rows;
}

/** A few rows, each an argument; a server's hundred thousand would be too many. */
export const batchOf = <T>(...rows: readonly T[]): AsyncGenerator<readonly T[]> => batch(rows);

/** Every name that rows of the report may be asked for. */
export const namesOf = ({ fields, onRequest = [] }: Pick<Report, "fields" | "onRequest">): readonly string[] => [
  ...fields,
  ...onRequest,
];

/** All the rows at once, for a format that must know the last before it writes the first. */
export async function collectRows<T>(batches: Batches<T>): Promise<T[]> {
  const rows: T[] = [];
  for await (const batch of batches) for (const row of batch) rows.push(row);
  return rows;
}
