import type { JsonRecord } from "../../tasks/record.js";
import type { ViewOptions } from "../terminal/view-options.js";
import type { TableOptions } from "../text/padded-table.js";
import type { Pieces } from "../text/pieces.js";

/** A node that did not answer, and the reason. */
export interface UnansweredNode {
  readonly node: string;
  readonly reason: string;
}

/** Rows as they arrive, several at a time. */
export type Batches<T> = AsyncIterable<readonly T[]>;

/**
 * What a command reports, independent of the format: rows, and what each kind of format shows of them. A report can be read only
 * once.
 */
export interface Report<T = unknown> {
  readonly rows: Batches<T>;
  /** Whether JSON has the only row itself, or an array of all rows. */
  readonly shape: "one" | "many";
  /**
   * The names of fields in a record, in the order of the columns. A record may lack some, and may have others that its server sent
   * as well. For a bare value, the single name that formats with names use.
   */
  readonly fields: readonly string[];
  /** Names of further fields, which are shown only if requested by name. */
  readonly onRequest?: readonly string[];
  /** The row for programs (json, ndjson, yaml, csv). */
  record(row: T): unknown;
  /** For an answer from many nodes: the key of the rows in a document that also has the nodes' errors. */
  readonly key?: string;
  /** What a document says about all rows together, before them. Needs `key`. */
  about?(): JsonRecord;
  /** The nodes that did not answer; read after the rows. Needs `key`. */
  errors?(): readonly UnansweredNode[];
  /** Drops duplicate rows, in every format except nodetool's own table, which repeats them. */
  distinct?(rows: Batches<T>): Batches<T>;
  /** nodetool's text: the default in a pipe. */
  table(rows: Batches<T>, options: TableOptions): Pieces;
  /** What a terminal shows. Default: the table. */
  view?(rows: Batches<T>, options: ViewOptions): Pieces;
}

/** What a report needs to know about the nodes that were queried. */
export interface QueriedNodes {
  readonly isMany: boolean;
  /** Nodes that did not answer; read after the rows. */
  readonly unanswered: readonly UnansweredNode[];
}

/**
 * A report from many nodes: documents have its rows beside the errors of nodes that did not answer. For one node, the report
 * itself.
 */
export function ofNodes<T>(report: Report<T>, key: string, nodes: QueriedNodes): Report<T> {
  return nodes.isMany ? { ...report, key, errors: () => nodes.unanswered } : report;
}

/** A batch of rows that are all there already. */
export async function* batch<T>(rows: readonly T[]): AsyncGenerator<readonly T[]> {
  yield rows;
}

/** As {@link batch}, with rows as arguments: only for a few, as a call cannot have 100,000 arguments. */
export const batchOf = <T>(...rows: readonly T[]): AsyncGenerator<readonly T[]> => batch(rows);

/** All field names that the user may request from a report. */
export const namesOf = ({ fields, onRequest = [] }: Pick<Report, "fields" | "onRequest">): readonly string[] => [
  ...fields,
  ...onRequest,
];

/** Collects all rows, for a format that needs the last row before it writes the first. */
export async function collectRows<T>(batches: Batches<T>): Promise<T[]> {
  const rows: T[] = [];
  for await (const batch of batches) for (const row of batch) rows.push(row);
  return rows;
}
