import { type Release, traitsOf } from "../client/release.js";
import { UsageError } from "../usage-error.js";
import type { Given, Planning, Trait } from "./operation.js";

/** The value of an option, or nothing. */
export function text({ options }: Given, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

export function flag({ options }: Given, name: string): boolean | undefined {
  return options[name] === true ? true : undefined;
}

export function list({ options }: Given, name: string): readonly string[] | undefined {
  const value = options[name];
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

export function number({ options }: Given, name: string): number | undefined {
  const value = options[name];
  return typeof value === "number" ? value : undefined;
}

/** @throws UsageError with the phrase of nodetool where it is missing */
export function requiredText(given: Given, name: string, option: string): string {
  const value = text(given, name);
  if (value === undefined || value === "") throw new UsageError(`required parameter is missing: ${option}`);
  return value;
}

/** The keyspace and the tables that were given. @throws UsageError where the keyspace is missing */
export function keyspaceAndTables({ positionals: [keyspace, ...tables] }: Given): {
  keyspace: string;
  tables: readonly string[];
} {
  if (keyspace === undefined) throw new UsageError("required parameter is missing: keyspace");
  return { keyspace, tables };
}

/** @throws UsageError where both or neither of a keyspace and an option that stands for all of them are given */
export function keyspaceOrAll(given: Given, isAll: boolean, option: string): string | undefined {
  const [keyspace] = given.positionals;
  if (isAll && keyspace !== undefined) throw new UsageError(`give either a keyspace or ${option}, not both`);
  if (!isAll && keyspace === undefined) {
    throw new UsageError(`required parameter is missing: keyspace (or ${option})`);
  }
  return keyspace;
}

/**
 * Refuses what the release of the node lacks, before anything is sent. A release that is not known is taken to have it.
 * @param what - as messages name it: `tablets/restore`, `--drop-unfixable-sstables`
 * @param since - the first release that has it
 * @throws UsageError
 */
export async function needs(planning: Planning, what: string, since: string, has: Trait): Promise<void> {
  const release = await planning.release();
  if (has(traitsOf(release))) return;
  throw new UsageError(lacks(what, since, release));
}

/** The sentence about what a release lacks. */
export function lacks(what: string, since: string, release: Release): string {
  return `${what} needs ${since}; this is ${release.text}`;
}
