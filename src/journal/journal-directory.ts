import { promises as files } from "node:fs";
import { isAbsolute, join } from "node:path";
import { UsageError } from "../usage-error.js";

/**
 * The default directory for journals: below `XDG_STATE_HOME`, or else below `~/.local/state`; `undefined` for a user without a
 * home. A relative `XDG_STATE_HOME` is ignored, as the XDG specification demands.
 */
export function defaultJournal(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { XDG_STATE_HOME = "", HOME = "" } = env;
  const base = isAbsolute(XDG_STATE_HOME)
    ? XDG_STATE_HOME
    : isAbsolute(HOME)
      ? join(HOME, ".local", "state")
      : undefined;
  return base && join(base, "scylla-tasks", "journal");
}

/**
 * The named journal, or else the default one.
 * @param otherwise what to suggest to a user without a home
 * @throws UsageError for a user without a home
 */
export function journalOr(
  named: string | undefined,
  { env }: { readonly env: Readonly<Record<string, string | undefined>> },
  otherwise: string,
): string {
  const journal = named ?? defaultJournal(env);
  if (journal === undefined) throw new UsageError(`no default journal: set HOME, or ${otherwise}`);
  return journal;
}

/** The default journal, if it exists. */
export async function existingDefaultJournal(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const journal = defaultJournal(env);
  if (journal === undefined) return undefined;
  return await files.access(journal).then(
    () => journal,
    () => undefined,
  );
}

/** A file of a journal. */
export interface Segment {
  /** The time when it began. A later segment has a name that sorts after it. */
  readonly name: string;
  readonly path: string;
}

const SEGMENT = /^(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z[\w-]*)\.ndjson(\.gz)?$/;

/** The name of the segment in this file; `undefined` if the file is no segment. */
const segmentOf = (file: string): string | undefined => SEGMENT.exec(file)?.[1];

/** The segments of a journal, oldest first. If a segment exists both plain and gzipped, the gzipped file. */
export async function journalSegments(directory: string): Promise<Segment[]> {
  const found = new Map<string, string>();
  // The gzipped file sorts after the plain one, and replaces it.
  for (const file of (await files.readdir(directory)).sort()) {
    const name = segmentOf(file);
    if (name !== undefined) found.set(name, file);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, file]) => ({ name, path: join(directory, file) }));
}

/** The name of a segment that began at this time. */
export const segmentName = (atMs: number): string => new Date(atMs).toISOString().replaceAll(":", "-");
