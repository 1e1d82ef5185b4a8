/** A row as JSON shows it. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** The value of a field of a record, also of the one field of a bare value; `undefined` where the record lacks it. */
export function fieldOf(record: unknown, field: string): unknown {
  return typeof record === "object" && record !== null ? (record as JsonRecord)[field] : record;
}
