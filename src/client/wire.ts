import { digitsOf, EPOCH, NIL_UUID, NO_PARENT, type TaskKind, type TaskState } from "../vocabulary.js";

/**
 * A task in a list (rest-api: Data structures). Names are those of the wire. Every field may be missing in some release, and there
 * may be unknown ones, which are kept as they are. A field that is null counts as missing.
 */
export interface TaskStats {
  task_id?: string;
  type?: string;
  kind?: TaskKind | (string & {});
  scope?: string;
  state?: TaskState | (string & {});
  sequence_number?: number;
  keyspace?: string;
  table?: string;
  entity?: string;
  /** Newer servers only. */
  shard?: number;
  /** `YYYY-MM-DDTHH:MM:SSZ`; the epoch if the task has not started. Newer servers only. */
  start_time?: string;
  end_time?: string;
  [extra: string]: unknown;
}

/** A child of a task, and the address of its node. */
export interface ChildReference {
  task_id: string;
  node: string;
}

/** The status of a task (rest-api: Data structures). The remarks on {@link TaskStats} hold for it, too. */
export interface TaskStatus {
  id?: string;
  type?: string;
  kind?: TaskKind | (string & {});
  scope?: string;
  state?: TaskState | (string & {});
  is_abortable?: boolean;
  start_time?: string;
  end_time?: string;
  error?: string;
  /** `none` or the nil UUID if there is no parent: use {@link parentOf}. */
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
  type?: string;
}

/** A node's gossip address and its host id. */
export interface HostId {
  key: string;
  value: string;
}

/** A value in an answer is not what the API promises. */
export class WireError extends Error {
  override readonly name: string = "WireError";

  /**
   * @param where - which value of the answer
   * @param expected - what it should be
   * @param found - the value. It is not in `message`, as it may have a secret in it: use {@link describe}
   */
  constructor(
    readonly where: string,
    readonly expected: string,
    readonly found: unknown,
  ) {
    super(`${where} should be ${expected}`);
  }

  /** @param quote - masks secrets in the value, and shortens it */
  describe(quote: (text: string) => string): string {
    return `${this.where} should be ${this.expected}, not ${describe(this.found, quote)}`;
  }
}

/** An id or a name is not a valid one. In a list, only this row is useless. */
export class UnusableNameError extends WireError {
  override readonly name = "UnusableNameError";
}

type FieldType = "string" | "number" | "boolean";

type Fields = Readonly<Record<string, FieldType>>;

/** Without a prototype, so that a field named `constructor` is unknown like any other. */
const fieldsOf = (fields: Fields): Fields => Object.assign(Object.create(null), fields);

const STATS_FIELDS = fieldsOf({
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
});

const STATUS_FIELDS = fieldsOf({
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
});

/** The known fields of a task in a list, in nodetool's order of columns. */
export const STATS_FIELD_NAMES: readonly string[] = Object.keys(STATS_FIELDS);

/** The known fields of a status, in the order of the server, and of nodetool's columns. */
export const STATUS_FIELD_NAMES: readonly string[] = [...Object.keys(STATUS_FIELDS), "children_ids"];

function describe(value: unknown, quote: (text: string) => string): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  return `the ${typeof value} ${typeof value === "string" ? `"${quote(value)}"` : String(value)}`;
}

/** Names the value that is wrong. A function, because to make a name for each of 100,000 tasks takes longer than to check it. */
type Where = () => string;

function fail(where: string, expected: string, value: unknown): never {
  throw new WireError(where, expected, value);
}

/** No value of the API is nested as deep; formats may recurse into values. */
export const MAX_DEPTH = 64;

/** Not with a schema library, which takes five times as long; this runs for each of 100,000 tasks. */
function readFields(value: unknown, fields: Fields, where: Where): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(where(), "an object", value);
  const object = value as Record<string, unknown>;
  for (const name in object) {
    const field = object[name];
    const type = fields[name];
    if (type === undefined) {
      if (typeof field === "object" && field !== null) checkDepth(field, 2, where);
    }
    // No server is known to send null; without it, code that reads fields has one case less.
    else if (field === null) delete object[name];
    else if (typeof field !== type) fail(`${name} of ${where()}`, `a ${type}`, field);
    // JSON.parse makes Infinity of numbers such as 1e999, which no format can write.
    else if (field === Number.POSITIVE_INFINITY || field === Number.NEGATIVE_INFINITY) {
      fail(`${name} of ${where()}`, "a finite number", field);
    }
  }
}

function checkDepth(value: object, depth: number, where: Where): void {
  if (depth > MAX_DEPTH) throw new WireError(where(), `nested at most ${MAX_DEPTH} levels deep`, value);
  for (const name in value) {
    const inner = (value as Record<string, unknown>)[name];
    if (typeof inner === "object" && inner !== null) checkDepth(inner, depth + 1, where);
  }
}

/** Ids are passed to other commands as arguments, so they must not be an option or more than one word. */
const TASK_ID = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/;
const ID_FORM = "an id (letters, digits, - and _, at most 128 characters)";

/** Names of modules, keyspaces and tables, those of Alternator included. */
const NAME = /^[A-Za-z0-9_.:!+][A-Za-z0-9_.:!+-]{0,255}$/;
const NAME_FORM = "a name (letters, digits and _.:!+-, at most 256 characters, not beginning with -)";

/** Keyspace and table of a task may be any text, but no word may be read as an option by another command. */
const OPTION = /(?:^|\s)-/;
const NO_OPTION = "a name (without words that begin with -)";

function checkNames({ keyspace, table }: Pick<TaskStats, "keyspace" | "table">, where: Where): void {
  if (keyspace !== undefined && OPTION.test(keyspace)) {
    throw new UnusableNameError(`keyspace of ${where()}`, NO_OPTION, keyspace);
  }
  if (table !== undefined && OPTION.test(table)) {
    throw new UnusableNameError(`table of ${where()}`, NO_OPTION, table);
  }
}

/** @throws UnusableNameError if it is not a valid id */
export function readId(value: string, where: Where): string {
  if (!TASK_ID.test(value)) throw new UnusableNameError(where(), ID_FORM, value);
  return value;
}

/** The name of a module or keyspace. */
export function readName(value: unknown, where: Where = ANSWER): string {
  const name = readString(value, where);
  if (!NAME.test(name)) throw new UnusableNameError(where(), NAME_FORM, name);
  return name;
}

export function readTaskStats(value: unknown, where: Where = () => "the task"): TaskStats {
  readFields(value, STATS_FIELDS, where);
  const stats = value as TaskStats;
  if (stats.task_id !== undefined) readId(stats.task_id, () => `task_id of ${where()}`);
  checkNames(stats, where);
  return stats;
}

export function readTaskStatus(value: unknown, where: Where = () => "the status"): TaskStatus {
  readFields(value, STATUS_FIELDS, where);
  const status = value as TaskStatus;
  if (status.id !== undefined) readId(status.id, () => `id of ${where()}`);
  checkNames(status, where);
  const parent = parentOf(status);
  if (parent !== undefined) readId(parent, () => `parent_id of ${where()}`);
  if (status.children_ids === null) delete status.children_ids;
  else if (status.children_ids !== undefined) {
    status.children_ids = readArray(status.children_ids, () => `children_ids of ${where()}`, readChild);
  }
  return status;
}

const CHILD_FIELDS = fieldsOf({ task_id: "string", node: "string" });

function readChild(value: unknown, where: Where): ChildReference {
  // rest-api: 5.x sends plain ids.
  if (typeof value === "string") return { task_id: readId(value, where), node: "" };
  readFields(value, CHILD_FIELDS, where);
  const child = value as Partial<ChildReference>;
  if (child.task_id === undefined) child.task_id = "";
  else readId(child.task_id, () => `task_id of ${where()}`);
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

export function readInteger(value: unknown, where = ANSWER): number {
  if (!Number.isSafeInteger(value)) fail(where(), "an integer", value);
  return value as number;
}

export function readIntegers(value: unknown): number[] {
  return readArray(value, ANSWER, readInteger);
}

export function readBoolean(value: unknown, where = ANSWER): boolean {
  if (typeof value !== "boolean") fail(where(), "true or false", value);
  return value;
}

/** rest-api: The tasks API. The id of the new task, or `undefined` for the nil UUID: there was nothing to do. */
export function readNewTaskId(value: unknown): string | undefined {
  const where = () => "the id of the new task";
  const id = readId(readString(value, where), where);
  return isSameId(id, NIL_UUID) ? undefined : id;
}

/** operations: Repair of a tablet table. */
export function readTabletTaskId(value: unknown): string | undefined {
  readFields(value, TABLET_TASK_FIELDS, ANSWER);
  return readNewTaskId((value as { tablet_task_id?: unknown }).tablet_task_id);
}

const TABLET_TASK_FIELDS = fieldsOf({ tablet_task_id: "string" });

export const REPAIR_STATES = ["RUNNING", "SUCCESSFUL", "FAILED"] as const;
/** The state of a repair that is known by its number. */
export type RepairState = (typeof REPAIR_STATES)[number];

export function readRepairState(value: unknown): RepairState {
  const state = readString(value);
  const known = REPAIR_STATES.find((name) => name === state);
  return known ?? fail(ANSWER(), `one of ${REPAIR_STATES.join(", ")}`, state);
}

export function readHostId(element: unknown, where: Where): HostId {
  readFields(element, HOST_ID_FIELDS, where);
  const { key = "", value: id = "" } = element as Partial<HostId>;
  return { key, value: readId(id, () => `value of ${where()}`) };
}

const HOST_ID_FIELDS = fieldsOf({ key: "string", value: "string" });

export function readTableName(element: unknown, where: Where): TableName {
  readFields(element, TABLE_NAME_FIELDS, where);
  const { ks = "", cf = "", type } = element as Partial<TableName>;
  return {
    ks: readName(ks, () => `ks of ${where()}`),
    cf: readName(cf, () => `cf of ${where()}`),
    ...(type === undefined ? {} : { type }),
  };
}

const TABLE_NAME_FIELDS = fieldsOf({ ks: "string", cf: "string", type: "string" });

/** The migration of a keyspace from vnodes to tablets. */
export interface TabletMigration {
  keyspace?: string;
  /** `vnodes`, `migrating_to_tablets` or `tablets`. */
  status?: string;
  nodes?: TabletMigrationNode[];
  [extra: string]: unknown;
}

export interface TabletMigrationNode {
  host_id?: string;
  current_mode?: string;
  intended_mode?: string;
  [extra: string]: unknown;
}

const MIGRATION_FIELDS = fieldsOf({ keyspace: "string", status: "string" });
const MIGRATION_NODE_FIELDS = fieldsOf({ host_id: "string", current_mode: "string", intended_mode: "string" });

export function readTabletMigration(value: unknown): TabletMigration {
  readFields(value, MIGRATION_FIELDS, ANSWER);
  const migration = value as TabletMigration;
  if (migration.nodes !== undefined) {
    migration.nodes = readArray(
      migration.nodes,
      () => "nodes of the answer",
      (node, where) => {
        readFields(node, MIGRATION_NODE_FIELDS, where);
        return node as TabletMigrationNode;
      },
    );
  }
  return migration;
}

/** rest-api: UUIDs may be written without dashes, and in upper or lower case. */
export function isSameId(one: string, other: string): boolean {
  return one === other || digitsOf(one) === digitsOf(other);
}

/** The parent's id, or `undefined` if there is none, or the server does not say. */
export function parentOf(status: TaskStatus): string | undefined {
  const parent = status.parent_id;
  return parent === undefined || parent === null || parent === "" || parent === NO_PARENT || parent === NIL_UUID
    ? undefined
    : parent;
}

/** Whether a task was aborted (semantics 30). A guess from its error: the texts differ by kind of task, and may change. */
export function isAborted(status: TaskStatus): boolean {
  if (status.state !== "failed") return false;
  const error = status.error ?? "";
  // semantics 26: a tablet repair only fails if it is aborted, and has no error text.
  if (error === "") return status.progress_units === "tablets" || status.type === "user_repair";
  return /abort/i.test(error.replaceAll(/aborted_by_user=false/gi, ""));
}

/** A time of the wire in milliseconds since the epoch, or `undefined` if it is not set or cannot be read. */
export function timeOf(time: unknown): number | undefined {
  if (typeof time !== "string" || time === EPOCH) return undefined;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? undefined : ms;
}
