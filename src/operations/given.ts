import { type Release, traitsOf } from "../client/release.js";
import { UsageError } from "../usage-error.js";
import type { Given, Planning, Trait } from "./operation.js";

/** The value of an option; `undefined` if it was not given. */
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

/** The value of `--name`. @throws UsageError in nodetool's words if it is missing */
export function requiredText(given: Given, name: string): string {
  const value = text(given, name);
  if (value === undefined || value === "") throw new UsageError(`required parameter is missing: ${name} (--${name})`);
  return value;
}

/** The keyspace and tables. @throws UsageError if the keyspace is missing */
export function keyspaceAndTables({ positionals: [keyspace, ...tables] }: Given): {
  keyspace: string;
  tables: readonly string[];
} {
  if (keyspace === undefined) throw new UsageError("required parameter is missing: keyspace");
  return { keyspace, tables };
}

/** @throws UsageError unless exactly one is given: a keyspace, or the option that means all keyspaces */
export function keyspaceOrAll(given: Given, isAll: boolean, option: string): string | undefined {
  const [keyspace] = given.positionals;
  if (isAll && keyspace !== undefined) throw new UsageError(`give either a keyspace or ${option}, not both`);
  if (!isAll && keyspace === undefined) {
    throw new UsageError(`required parameter is missing: keyspace (or ${option})`);
  }
  return keyspace;
}

/**
 * Refuses what the node's release does not have, before anything is sent. If the release is not known, assumes that it has it.
 * @param what - how messages name it: `tablets/restore`, `--drop-unfixable-sstables`
 * @param since - the first release that has it
 * @throws UsageError
 */
export async function needs(planning: Planning, what: string, since: string, has: Trait): Promise<void> {
  const release = await planning.release();
  if (has(traitsOf(release))) return;
  throw new UsageError(lacks(what, since, release));
}

/** The message about what a release does not have. */
export function lacks(what: string, since: string, release: Release): string {
  return `${what} needs ScyllaDB ${since} or newer; the server is ${release.text}`;
}
