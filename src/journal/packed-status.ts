import { type ChildReference, parentOf, type TaskStatus, timeOf } from "../client/wire.js";

/** A time in whole seconds since the epoch, or the original text if the number would not express the same. */
type PackedTime = number | string | undefined;

/** The fields that differ from task to task; many tasks share all others. */
const OWN: ReadonlySet<string> = new Set([
  "id",
  "start_time",
  "end_time",
  "sequence_number",
  "shard",
  "progress_total",
  "progress_completed",
  "parent_id",
  "children_ids",
]);

/**
 * A status in a third of the memory, as a journal may hold a million tasks. Tasks share the fields that they have in common, and a
 * time is a number. An update is made in place: with a million tasks, replaced objects would be a lot of garbage.
 */
export class PackedStatus {
  /** Also has the names of the task's own fields, to keep the order of all fields. */
  #common: TaskStatus;
  #id: string | undefined;
  #parent: string | undefined;
  #start: PackedTime;
  #end: PackedTime;
  #sequenceNumber: number | undefined;
  #shard: number | undefined;
  #total: number | undefined;
  #completed: number | undefined;
  #children: readonly ChildReference[] | undefined;

  constructor(status: TaskStatus, texts: CommonTexts) {
    this.#common = texts.of(status);
    this.#put(status);
  }

  /** Replaces the status. */
  say(status: TaskStatus, texts: CommonTexts): void {
    if (!isCommon(this.#common, status)) this.#common = texts.of(status);
    this.#put(status);
  }

  #put(status: TaskStatus): void {
    this.#id = status.id;
    this.#parent = status.parent_id;
    this.#start = packedTime(status.start_time);
    this.#end = packedTime(status.end_time);
    this.#sequenceNumber = status.sequence_number;
    this.#shard = status.shard;
    this.#total = status.progress_total;
    this.#completed = status.progress_completed;
    this.#children = status.children_ids?.length === 0 ? NO_CHILDREN : status.children_ids;
  }

  /** As {@link say} if only the progress changed, as in most lines of a journal. */
  sayProgress(completed: number, total: number, texts: CommonTexts): void {
    if ("progress_completed" in this.#common && "progress_total" in this.#common) {
      this.#completed = completed;
      this.#total = total;
    } else this.say({ ...this.unpacked(), progress_completed: completed, progress_total: total }, texts);
  }

  /** The start time by its server, in milliseconds since the epoch. */
  get beginMs(): number | undefined {
    return msOfTime(this.#start);
  }

  get endMs(): number | undefined {
    return msOfTime(this.#end);
  }

  /** The parent's id. */
  get parent(): string | undefined {
    return parentOf({ parent_id: this.#parent });
  }

  /** A copy that the caller may change. */
  unpacked(): TaskStatus {
    const status = { ...this.#common };
    if (this.#id !== undefined) status.id = this.#id;
    if (this.#parent !== undefined) status.parent_id = this.#parent;
    if (this.#start !== undefined) status.start_time = textOfTime(this.#start);
    if (this.#end !== undefined) status.end_time = textOfTime(this.#end);
    if (this.#sequenceNumber !== undefined) status.sequence_number = this.#sequenceNumber;
    if (this.#shard !== undefined) status.shard = this.#shard;
    if (this.#total !== undefined) status.progress_total = this.#total;
    if (this.#completed !== undefined) status.progress_completed = this.#completed;
    if (this.#children !== undefined) status.children_ids = [...this.#children];
    return status;
  }
}

/** Most tasks have none. */
const NO_CHILDREN: readonly ChildReference[] = [];

/** Of tasks that differ only in their errors, the texts are shared with this many recent ones. */
const MOST_ALIKE = 8;

/** Fields that many tasks of a journal have in common, stored once. */
export class CommonTexts {
  /** By the fields that tell most of them apart. */
  readonly #known = new Map<string, TaskStatus[]>();

  of(status: TaskStatus): TaskStatus {
    const { type, state, scope, keyspace, table } = status;
    const key = `${type}/${state}/${scope}/${keyspace}/${table}`;
    const alike = this.#known.get(key);
    const known = alike?.find((one) => isCommon(one, status));
    if (known !== undefined) return known;
    const common: TaskStatus = {};
    for (const name in status) common[name] = OWN.has(name) ? undefined : status[name];
    if (alike === undefined) this.#known.set(key, [common]);
    else if (alike.push(common) > MOST_ALIKE) alike.shift();
    return common;
  }
}

function isCommon(common: TaskStatus, status: TaskStatus): boolean {
  let fields = 0;
  for (const name in status) {
    fields++;
    if (OWN.has(name) ? !(name in common) : common[name] !== status[name]) return false;
  }
  for (const _ in common) fields--;
  return fields === 0;
}

const textOfTime = (time: number | string): string =>
  typeof time === "string" ? time : `${new Date(time * 1000).toISOString().slice(0, 19)}Z`;

/** The epoch means that no time is known (rest-api: Conventions). */
const msOfTime = (time: PackedTime): number | undefined =>
  typeof time === "number" && time !== 0 ? time * 1000 : typeof time === "string" ? timeOf(time) : undefined;

/** Times as servers write them, except days that not every month has. */
const PLAIN_TIME = /^\d{4}-\d\d-(?:[01]\d|2[0-8])T(?:[01]\d|2[0-3]):\d\d:\d\dZ$/;

function packedTime(text: string | undefined): PackedTime {
  if (text === undefined) return undefined;
  const seconds = Date.parse(text) / 1000;
  if (!Number.isSafeInteger(seconds)) return text;
  return PLAIN_TIME.test(text) || textOfTime(seconds) === text ? seconds : text;
}
