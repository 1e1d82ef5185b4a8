import { compare } from "../strings/compare.js";
import type { Run, SeeTable } from "./runs.js";

/** When an operation last succeeded on a table. */
export interface LastSuccess {
  readonly keyspace: string;
  /** Empty if no task names a table of the keyspace. */
  readonly table: string;
  /** `undefined` if no success was seen. */
  readonly run: Run | undefined;
  /** Whether that run names the table. If it names only the keyspace, the server does not say which tables it covered. */
  readonly namesTable: boolean;
}

/** Keyspaces that are local to each node: they need no repair, and no operation names all of their tables. */
const LOCAL_KEYSPACES = new Set(["system", "system_schema"]);

/** Copies a string: one that was cut out of a longer string would keep all of that in memory. */
const ownText = (text: string): string => Buffer.from(text).toString();

/** The task types of an operation, by its common name: a tablet repair has another type than a vnode repair. */
const OPERATIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["repair", ["repair", "user_repair"]],
  ["compaction", ["major compaction"]],
  ["cleanup", ["cleanup compaction", "global cleanup compaction"]],
  ["backup", ["backup", "cluster backup"]],
]);

/** The task types of an operation. Any word without an entry is a type itself. */
export const operationTypes = (operation: string): readonly string[] => OPERATIONS.get(operation) ?? [operation];

/** The known tables, by keyspace. */
export class KnownTables {
  readonly #tables = new Map<string, Set<string>>();

  readonly see: SeeTable = (keyspace, table) => {
    if (keyspace === "" || table === "") return;
    const known = this.#tables.get(keyspace);
    if (known === undefined) {
      if (!LOCAL_KEYSPACES.has(keyspace)) this.#tables.set(ownText(keyspace), new Set([ownText(table)]));
    } else if (!known.has(table)) known.add(ownText(table));
  };

  of(keyspace: string): ReadonlySet<string> {
    return this.#tables.get(keyspace) ?? new Set();
  }

  get keyspaces(): Iterable<string> {
    return this.#tables.keys();
  }
}

/**
 * For each table, the last successful run; the longest ago first. A run that names a keyspace but no table, such as a vnode repair,
 * counts for each table of the keyspace.
 * @param runs of one operation, such as repairs
 * @param tables tables to include even if no run names them, as without a success
 */
export function lastSuccesses(runs: Iterable<Run>, tables = new KnownTables()): LastSuccess[] {
  const byKeyspace = new Map<string, Map<string, Run | undefined>>();
  const ofKeyspace = (keyspace: string) => {
    let lasts = byKeyspace.get(keyspace);
    if (lasts === undefined) {
      lasts = new Map();
      byKeyspace.set(keyspace, lasts);
    }
    return lasts;
  };
  for (const keyspace of tables.keyspaces) {
    for (const table of tables.of(keyspace)) ofKeyspace(keyspace).set(table, undefined);
  }
  for (const run of runs) {
    const { keyspace = "", table = "", state } = run.status;
    if (keyspace === "") continue;
    const lasts = ofKeyspace(keyspace);
    lasts.set(table, later(lasts.get(table), state === "done" ? run : undefined));
  }
  const successes: LastSuccess[] = [];
  for (const [keyspace, lasts] of byKeyspace) {
    const ofAll = lasts.get("");
    if (lasts.size > 1) lasts.delete("");
    for (const [table, own] of lasts) {
      const run = later(own, ofAll);
      successes.push({ keyspace, table, run, namesTable: run !== undefined && run === own && table !== "" });
    }
  }
  return successes.sort((a, b) => (a.run?.endMs ?? 0) - (b.run?.endMs ?? 0) || compare(nameOf(a), nameOf(b)));
}

function later(one: Run | undefined, other: Run | undefined): Run | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.endMs >= one.endMs ? other : one;
}

const nameOf = ({ keyspace, table }: LastSuccess) => `${keyspace}.${table}`;
