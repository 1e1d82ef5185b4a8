import { duration } from "../format/text/duration.js";
import { KnownTables, lastSuccesses } from "../history/last-success.js";
import { readHistory } from "../history/runs.js";
import type { Nodes } from "../nodes/nodes.js";
import type { Runtime } from "../runtime/runtime.js";
import { matchesGlob } from "../strings/glob.js";
import type { CheckedTasks, Measured, Measurement } from "./conditions.js";

export interface LastSuccessOptions {
  readonly journal: string;
  readonly withinMs: number;
  readonly by: "table" | "keyspace";
}

/** A table or keyspace, and when an operation last succeeded on it. */
interface Subject {
  readonly name: string;
  /** `undefined` if the journal has no success. */
  readonly endMs: number | undefined;
}

/**
 * Finds tables that exist now and on which no task of these types has succeeded within the time, according to a journal.
 * @throws UsageError, JournalError as `readJournal`
 */
export async function measureLastSuccess(
  runtime: Runtime,
  nodes: Nodes,
  tasks: CheckedTasks,
  { journal, withinMs, by }: LastSuccessOptions,
): Promise<Measurement> {
  const nowMs = runtime.clock.now();
  const { types, keyspace, modules } = tasks;
  const leftOut = new Set<string>();
  const reading = { leftOut, signal: runtime.interrupt };
  const known = await tablesNow(nodes, tasks);
  const { runs, begin } = await readHistory(journal, { keyspace }, reading);
  const ofTypes = [...runs].filter(
    ({ status, module = "" }) =>
      (types === undefined || types.some((pattern) => matchesGlob(pattern, status.type ?? ""))) &&
      (modules === undefined || modules.includes(module)),
  );
  const all = lastSuccesses(ofTypes, known).filter((one) => known.of(one.keyspace).has(one.table));
  const subjects = by === "table" ? all.map(ofTable) : ofKeyspaces(all);
  const began = begin === undefined ? undefined : Date.parse(begin);
  const isCovered = began !== undefined && began <= nowMs - withinMs;
  const late = subjects.filter(({ endMs }) => endMs !== undefined && nowMs - endMs > withinMs);
  const never = subjects.filter(({ endMs }) => endMs === undefined);
  const bad = isCovered ? [...never, ...late] : late;
  if (!isCovered && never.length > 0) {
    const since = began === undefined ? "is empty" : `only goes back ${duration((nowMs - began) / 1000)}`;
    leftOut.add(`the journal ${since}, and has no success on ${never.length} ${plural(by, never.length)}`);
  }
  const ages = subjects.flatMap(({ endMs }) => (endMs === undefined ? [] : [(nowMs - endMs) / 1000]));
  const found: Measured = {
    label: "not_succeeded",
    count: bad.length,
    text: `${bad.length} ${plural(by, bad.length)} without success for ${duration(withinMs / 1000)}`,
    examples: bad.map(({ name, endMs }) =>
      endMs === undefined ? `${name} (none in the journal)` : `${name} (${duration((nowMs - endMs) / 1000)} ago)`,
    ),
    more: [{ label: "longest_ago", value: ages.reduce((most, age) => Math.max(most, age), 0), unit: "s" }],
  };
  return { found: [found], missing: [...leftOut] };
}

const plural = (by: "table" | "keyspace", count: number): string => (count === 1 ? by : `${by}s`);

/** The tables of users that match the options, without those that are local to a node. A dropped table is never late. */
async function tablesNow({ contact, call }: Nodes, { keyspace, table }: CheckedTasks): Promise<KnownTables> {
  const [user, shared] = await Promise.all([
    contact.keyspaces({ ...call, type: "user" }),
    contact.keyspaces({ ...call, type: "non_local_strategy" }),
  ]);
  const isShared = new Set(shared);
  const keyspaces = new Set(user.filter((name) => isShared.has(name) && (keyspace === undefined || name === keyspace)));
  const known = new KnownTables();
  for (const { ks, cf } of await contact.tables(call)) {
    if (keyspaces.has(ks) && (table === undefined || cf === table)) known.see(ks, cf);
  }
  return known;
}

interface TableSuccess {
  readonly keyspace: string;
  readonly table: string;
  readonly run: { readonly endMs: number } | undefined;
}

const ofTable = ({ keyspace, table, run }: TableSuccess): Subject => ({
  name: `${keyspace}.${table}`,
  endMs: run?.endMs,
});

/** A keyspace is as late as its latest table. */
function ofKeyspaces(all: readonly TableSuccess[]): Subject[] {
  const ends = new Map<string, number | undefined>();
  for (const { keyspace, run } of all) {
    const before = ends.get(keyspace);
    const isFirst = !ends.has(keyspace);
    const end = run?.endMs;
    ends.set(keyspace, isFirst ? end : before === undefined || end === undefined ? undefined : Math.min(before, end));
  }
  return [...ends].map(([name, endMs]) => ({ name, endMs }));
}
