import { EPOCH, NIL_UUID, NO_PARENT } from "../vocabulary.js";

/**
 * What the server sends, and its validation (rest-api: Data structures). Names are the wire's own. Every field may be
 * absent in one version of the server or another, and unknown ones may be there: both are kept as they came. One that is null
 * counts as absent.
 */
export interface TaskStats {
  task_id?: string;
  type?: string;
  kind?: string;
  scope?: string;
  state?: string;
  sequence_number?: number;
  keyspace?: string;
  table?: string;
  entity?: string;
  /** Newer servers only. */
  shard?: number;
  /** `YYYY-MM-DDTHH:MM:SSZ`; the epoch where the task has not started. Newer servers only. */
  start_time?: string;
  end_time?: string;
  [extra: string]: unknown;
}

/** A child of a task, and the gossip address of the node on which it lives. */
export interface ChildReference {
  task_id: string;
  node: string;
}

export interface TaskStatus {
  id?: string;
  type?: string;
  kind?: string;
  scope?: string;
  state?: string;
  is_abortable?: boolean;
  start_time?: string;
  end_time?: string;
  error?: string;
  /** `none` or the nil UUID where there is no parent: ask {@link parentOf}. */
  parent_id?: string;
  sequence_number?: number;
  shard?: number;
  keyspace?: string;
  table?: string;
  entity?: string;
  progress_units?: string;
  progress_total?: number;
  progress_completed?: number;
  children_ids?: ChildReference[];
  [extra: string]: unknown;
}

/** A table of a keyspace, as `/column_family/` lists them. */
export interface TableName {
  ks: string;
  cf: string;
}

/** A node's gossip address and its host id. */
export interface HostId {
  key: string;
  value: string;
}

/** Says which value of an answer is not what the API promises. */
export class WireError extends Error {
  override readonly name = "WireError";
}

type FieldType = "string" | "number" | "boolean";

const STATS_FIELDS: Readonly<Record<string, FieldType>> = {
  task_id: "string",
  type: "string",
  kind: "string",
  scope: "string",
  state: "string",
  sequence_number: "number",
  keyspace: "string",
  table: "string",
  entity: "string",
  shard: "number",
  start_time: "string",
  end_time: "string",
};

const STATUS_FIELDS: Readonly<Record<string, FieldType>> = {
  id: "string",
  type: "string",
  kind: "string",
  scope: "string",
  state: "string",
  is_abortable: "boolean",
  start_time: "string",
  end_time: "string",
  error: "string",
  parent_id: "string",
  sequence_number: "number",
  shard: "number",
  keyspace: "string",
  table: "string",
  entity: "string",
  progress_units: "string",
  progress_total: "number",
  progress_completed: "number",
};

/** What the API names of a task in a list, in nodetool's order of columns. */
export const STATS_FIELD_NAMES: readonly string[] = Object.keys(STATS_FIELDS);

/** What the API names of a status, in the server's order, which is nodetool's order of columns too. */
export const STATUS_FIELD_NAMES: readonly string[] = [...Object.keys(STATUS_FIELDS), "children_ids"];

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  const text = JSON.stringify(value);
  return `the ${typeof value} ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
}

/** Names what is wrong. Asked for only then: to name each of 100,000 tasks takes longer than to look at it. */
type Where = () => string;

function fail(where: string, expected: string, value: unknown): never {
  throw new WireError(`${where} should be ${expected}, not ${describe(value)}`);
}

/** Written by hand, not with a schema library: it runs for each of 100,000 tasks, at a fifth of the library's cost. */
function readFields(value: unknown, fields: Readonly<Record<string, FieldType>>, where: Where): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(where(), "an object", value);
  const object = value as Record<string, unknown>;
  for (const name in fields) {
    const field = object[name];
    if (field === undefined) continue;
    // No server is known to send it; whoever reads a field has one case less to think of.
    if (field === null) delete object[name];
    else if (typeof field !== fields[name]) fail(`${name} of ${where()}`, `a ${fields[name]}`, field);
  }
}

export function readTaskStats(value: unknown, where: Where = () => "the task"): TaskStats {
  readFields(value, STATS_FIELDS, where);
  return value as TaskStats;
}

export function readTaskStatus(value: unknown, where: Where = () => "the status"): TaskStatus {
  readFields(value, STATUS_FIELDS, where);
  const status = value as TaskStatus;
  if (status.children_ids === null) delete status.children_ids;
  else if (status.children_ids !== undefined) {
    status.children_ids = readArray(status.children_ids, () => `children_ids of ${where()}`, readChild);
  }
  return status;
}

const CHILD_FIELDS: Readonly<Record<string, FieldType>> = { task_id: "string", node: "string" };

function readChild(value: unknown, where: Where): ChildReference {
  // rest-api, older servers yet: 5.x sends plain ids.
  if (typeof value === "string") return { task_id: value, node: "" };
  readFields(value, CHILD_FIELDS, where);
  const child = value as Partial<ChildReference>;
  child.task_id ??= "";
  child.node ??= "";
  return child as ChildReference;
}

function readArray<T>(value: unknown, where: Where, readElement: (value: unknown, where: Where) => T): T[] {
  if (!Array.isArray(value)) fail(where(), "an array", value);
  return value.map((element, index) => readElement(element, () => `element ${index} of ${where()}`));
}

const ANSWER: Where = () => "the answer";

export function readString(value: unknown, where = ANSWER): string {
  if (typeof value !== "string") fail(where(), "a string", value);
  return value;
}

export function readStrings(value: unknown): string[] {
  return readArray(value, ANSWER, readString);
}

export function readHostIds(value: unknown): HostId[] {
  return readArray(value, ANSWER, (element, where) => {
    readFields(element, { key: "string", value: "string" }, where);
    const { key = "", value: id = "" } = element as Partial<HostId>;
    return { key, value: id };
  });
}

export function readTableNames(value: unknown): TableName[] {
  return readArray(value, ANSWER, (element, where) => {
    readFields(element, { ks: "string", cf: "string" }, where);
    const { ks = "", cf = "" } = element as Partial<TableName>;
    return { ks, cf };
  });
}

/** The parent's id, or `undefined` where the task has none or the server did not say. */
export function parentOf(status: TaskStatus): string | undefined {
  const parent = status.parent_id;
  return parent === undefined || parent === null || parent === "" || parent === NO_PARENT || parent === NIL_UUID
    ? undefined
    : parent;
}

/** A time of the wire in milliseconds since the epoch, or `undefined` where it is not set yet or cannot be read. */
export function timeOf(time: unknown): number | undefined {
  if (typeof time !== "string" || time === EPOCH) return undefined;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? undefined : ms;
}
