/** A record as JSON shows it, or a bare string. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows as they arrive, several at a time. */
export type Batches<T> = AsyncIterable<readonly T[]>;

/** Pieces of text in the order in which they are to be written. */
export type Pieces = AsyncIterable<string>;

/**
 * What a command has to say, before anyone chose a format: rows, and how each family of formats sees them. A report is
 * read once.
 */
export interface Report<T = unknown> {
  readonly rows: Batches<T>;
  /** Whether JSON shows the one row itself, or an array of all. */
  readonly shape: "one" | "many";
  /** A row as programs get it (json, ndjson, yaml, csv). */
  record(row: T): unknown;
  /** Of an answer of many nodes: the name of the rows in a document that holds the errors beside them. */
  readonly key?: string;
  /** The nodes that did not answer; asked once the rows were read. With `key`. */
  errors?(): readonly object[];
  /** nodetool's text: what a pipe gets unless another format is asked for. */
  plain(rows: Batches<T>): Pieces;
}

/** One format: turns a report into text. */
export type Format = <T>(report: Report<T>) => Pieces;

/** Rows that are all there already. */
export async function* batchOf<T>(...rows: readonly T[]): AsyncGenerator<readonly T[]> {
  yield rows;
}

/** All the rows at once, for a format that must know the last before it writes the first. */
export async function collectRows<T>(batches: Batches<T>): Promise<T[]> {
  const rows: T[] = [];
  for await (const batch of batches) for (const row of batch) rows.push(row);
  return rows;
}
