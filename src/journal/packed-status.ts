import { type ChildReference, parentOf, type TaskStatus, timeOf } from "../client/wire.js";

/** A time in whole seconds since the epoch, or the text where that does not say the same. */
type PackedTime = number | string | undefined;

/** What of a task is its own; all else it has in common with others. */
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
 * The status of a task in a third of the memory: a journal tells of a million. What tasks have in common is there once, and a time is a
 * number. What is said of the task later is put into its place: of a million tasks, each that is replaced leaves garbage.
 */
export class PackedStatus {
  /** With the names of the task's own fields too, so that all are in the order in which they came. */
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

  /** Puts another status into its place. */
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

  /** As {@link say}, where nothing but its progress is new: of the lines of a journal most are that. */
  sayProgress(completed: number, total: number, texts: CommonTexts): void {
    if ("progress_completed" in this.#common && "progress_total" in this.#common) {
      this.#completed = completed;
      this.#total = total;
    } else this.say({ ...this.unpacked(), progress_completed: completed, progress_total: total }, texts);
  }

  /** When its server says that it began, in milliseconds since the epoch. */
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

  /** A status of the caller's own. */
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

/** Of so many that are alike but for their errors, the texts are shared with the latest only. */
const MOST_ALIKE = 8;

/** What tasks of a journal have in common, once each. */
export class CommonTexts {
  /** By what tells most of them apart. */
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

/** The epoch is no time (rest-api: Conventions). */
const msOfTime = (time: PackedTime): number | undefined =>
  typeof time === "number" && time !== 0 ? time * 1000 : typeof time === "string" ? timeOf(time) : undefined;

/** As the wire has them, but for those that a calendar may take for another time. */
const PLAIN_TIME = /^\d{4}-\d\d-(?:[01]\d|2[0-8])T(?:[01]\d|2[0-3]):\d\d:\d\dZ$/;

function packedTime(text: string | undefined): PackedTime {
  if (text === undefined) return undefined;
  const seconds = Date.parse(text) / 1000;
  if (!Number.isSafeInteger(seconds)) return text;
  return PLAIN_TIME.test(text) || textOfTime(seconds) === text ? seconds : text;
}
