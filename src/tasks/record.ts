/** A row in JSON. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** The value of a field of a record; for a bare value, the value itself is its one field. `undefined` if the record lacks it. */
export function fieldOf(record: unknown, field: string): unknown {
  return typeof record === "object" && record !== null ? (record as JsonRecord)[field] : record;
}
