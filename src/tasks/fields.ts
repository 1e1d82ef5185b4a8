import { timeOf } from "../client/wire.js";
import { nearest } from "../strings/nearest.js";
import { UsageError } from "../usage-error.js";
import { FINISHED_STATES } from "../vocabulary.js";
import { type Progress, progressPercent } from "./progress.js";
import { fieldOf } from "./record.js";

/** A field that is computed from the server's fields, only if it is requested by name. */
interface DerivedField {
  readonly from: readonly string[];
  value(record: unknown, now: number): unknown;
}

const startOf = (record: unknown) => timeOf(fieldOf(record, "start_time"));

const secondsBetween = (from: number | undefined, to: number) =>
  from === undefined ? null : Math.max(0, (to - from) / 1000);

/** At the average speed since the start; `null` if the progress does not allow an estimate. */
function secondsLeft(start: number | undefined, progress: Progress, now: number): number | null {
  const { state = "", progress_completed: completed = 0, progress_total: total = 0 } = progress;
  if (start === undefined || FINISHED_STATES.has(state) || !(completed > 0 && total >= completed)) return null;
  return Math.round((Math.max(0, now - start) * (total - completed)) / completed / 1000);
}

/** Computed fields, by name. `now` is in milliseconds since the epoch. */
const DERIVED_FIELDS: Readonly<Record<string, DerivedField>> = {
  duration_seconds: {
    from: ["start_time", "end_time"],
    value: (record, now) => secondsBetween(startOf(record), timeOf(fieldOf(record, "end_time")) ?? now),
  },
  age_seconds: {
    from: ["start_time"],
    value: (record, now) => secondsBetween(startOf(record), now),
  },
  progress_percent: {
    from: ["progress_total", "progress_completed"],
    value: (record) => progressPercent(record as Progress),
  },
  // A short name for the same.
  progress: {
    from: ["progress_total", "progress_completed"],
    value: (record) => progressPercent(record as Progress),
  },
  eta_seconds: {
    from: ["start_time", "progress_total", "progress_completed"],
    value: (record, now) => secondsLeft(startOf(record), record as Progress, now),
  },
  children_count: {
    from: ["children_ids"],
    value(record) {
      const children = fieldOf(record, "children_ids");
      return Array.isArray(children) ? children.length : null;
    },
  },
  // rest-api: the identifier is `task_id` in stats and `id` in a status. This makes `id` work for both.
  id: { from: ["task_id"], value: (record) => fieldOf(record, "task_id") },
  task_id: { from: ["id"], value: (record) => fieldOf(record, "id") },
};

/** Fields that hold objects, and the fields of these. */
const NESTED_FIELDS: Readonly<Record<string, readonly string[]>> = { children_ids: ["task_id", "node"] };

/** All names that `--fields` and `--sort` accept for rows with these fields. */
function fieldNames(fields: readonly string[]): string[] {
  const nested = fields.flatMap((field) => (NESTED_FIELDS[field] ?? []).map((part) => `${field}.${part}`));
  const derived = Object.entries(DERIVED_FIELDS)
    .filter(([name, { from }]) => !fields.includes(name) && from.every((field) => fields.includes(field)))
    .map(([name]) => name);
  return [...fields, ...nested, ...derived];
}

/** Reads a field of a record. A missing field is `null`, so that every row has the requested keys. */
export type FieldReader = (record: unknown) => unknown;

/** @throws UsageError if rows with these fields have no field of that name */
export function fieldReader(option: string, name: string, fields: readonly string[], now: number): FieldReader {
  if (fields.includes(name)) return (record) => fieldOf(record, name) ?? null;
  const known = fieldNames(fields);
  if (!known.includes(name)) throw unknownField(option, name, known);
  const derived = DERIVED_FIELDS[name];
  if (derived !== undefined) return (record) => derived.value(record, now) ?? null;
  const [field = "", part = ""] = name.split(".");
  return (record) => {
    const value = fieldOf(record, field);
    return Array.isArray(value) ? value.map((element) => fieldOf(element, part) ?? null) : null;
  };
}

function unknownField(option: string, name: string, known: readonly string[]): UsageError {
  const near = nearest(name, known);
  const hint = near === undefined ? `Fields: ${known.join(", ")}.` : `Did you mean ${near}?`;
  return new UsageError(`option '${option}' argument '${name}' is invalid. Unknown field name.\n${hint}`);
}
