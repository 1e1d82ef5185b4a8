import { constants } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import * as v from "valibot";
import { type Document, isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { makeDirectory } from "../runtime/make-directory.js";
import { writeWhole } from "../runtime/write-file.js";
import { systemReason } from "../strings/error-text.js";
import { UsageError } from "../usage-error.js";

const Scalar = v.union([v.string(), v.number(), v.boolean()]);
const ContextValues = v.map(v.string(), v.union([Scalar, v.array(Scalar)]));
const ConfigShape = v.strictObject({
  current: v.optional(v.string()),
  contexts: v.optional(v.map(v.string(), v.nullable(ContextValues))),
});

/** Options by their long names without dashes, and `token`. */
export type ContextValues = ReadonlyMap<string, v.InferOutput<typeof Scalar> | readonly v.InferOutput<typeof Scalar>[]>;

export interface Config {
  readonly file: string;
  readonly current: string | undefined;
  readonly contexts: ReadonlyMap<string, ContextValues>;
}

/**
 * Reads the configuration; a file that is not there is an empty one.
 * @throws UsageError that names file, line and field where it cannot be understood, where others can write it, or where it
 *   holds a token that others can read
 */
export async function readConfig(file: string | undefined): Promise<Config> {
  if (file === undefined) throw new UsageError("no place for a configuration file: set HOME or TASKS_CONFIG");
  const { document, mode } = await readDocument(file);
  const parsed = v.safeParse(ConfigShape, contentOf(document, file));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = (issue.path ?? []).map(({ key }) => String(key)).join(".");
    throw new UsageError(`${file}: ${path === "" ? "the file" : path}: ${shapeOf(issue.message)}`);
  }
  const contexts = new Map<string, ContextValues>();
  for (const [name, values] of parsed.output.contexts ?? []) {
    contexts.set(name, values ?? new Map());
    if (values?.has("token") && (mode & 0o077) !== 0) {
      throw new UsageError(`${file} contains a token and can be read by other users: run \`chmod 600 ${file}\``);
    }
  }
  return { file, current: parsed.output.current, contexts };
}

/** Maps, not objects: a context or an option may be called `constructor`. */
function contentOf(document: Document, file: string): unknown {
  try {
    const content: unknown = document.toJS({ mapAsMap: true });
    return content instanceof Map ? Object.fromEntries(content) : (content ?? {});
  } catch (error) {
    // A few lines of aliases of aliases would fill the memory: the parser gives up.
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

/** A value that stands in the wrong place may be a secret: what was expected tells enough. */
const shapeOf = (message: string) => message.replace(/ but received .*$/s, "");

export function unknownContext(name: string, { file, contexts }: Config): UsageError {
  const known = [...contexts.keys()];
  return new UsageError(
    `no context '${name}' in ${file}, which has ${known.length === 0 ? "no contexts" : `these: ${known.join(", ")}`}`,
  );
}

/** Makes a context the current one; comments and layout of the file stay, here as in every change. */
export async function setCurrentContext(file: string, name: string): Promise<void> {
  await change(file, (document) => document.set("current", name));
}

export async function addContext(file: string, name: string, values: Readonly<Record<string, unknown>>): Promise<void> {
  await change(file, (document) => {
    if (!isMap(document.get("contexts"))) document.set("contexts", document.createNode({}));
    document.setIn(["contexts", name], document.createNode(values));
  });
}

/** @returns whether it was the current one, so that none is now */
export async function removeContext(file: string, name: string): Promise<boolean> {
  let wasCurrent = false;
  await change(file, (document) => {
    document.deleteIn(["contexts", name]);
    wasCurrent = document.get("current") === name;
    if (wasCurrent) document.delete("current");
  });
  return wasCurrent;
}

export async function renameContext(file: string, name: string, newName: string): Promise<void> {
  await change(file, (document) => {
    const contexts = document.get("contexts");
    if (!isMap(contexts)) return;
    for (const { key } of contexts.items) if (isScalar(key) && key.value === name) key.value = newName;
    if (document.get("current") === name) document.set("current", newName);
  });
}

/** Replaces the file in one step, so that no reader gets half of it. */
async function change(file: string, edit: (document: Document) => void): Promise<void> {
  const { document } = await readDocument(file);
  edit(document);
  await makeDirectory(dirname(file));
  await writeWhole(file, [document.toString()], 0o600);
}

/** More than any configuration holds; the parser takes a minute for what is much longer. */
const MOST_BYTES = 1_000_000;

async function readDocument(file: string): Promise<{ document: Document; mode: number }> {
  const { text, mode } = await readText(file);
  const lines = new LineCounter();
  // The parser compares each key with every other one to find one that stands there twice.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, stringKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    // The parser's own words where brackets stand in brackets without end.
    const reason = error.message.startsWith("Maximum call stack") ? "it is nested too deeply" : error.message;
    throw new UsageError(`${file}, line ${line}: ${reason.split("\n")[0]}`);
  }
  refuseRepeatedKeys(document.contents, (offset, key) => {
    throw new UsageError(`${file}, line ${lines.linePos(offset).line}: duplicate key '${key}'`);
  });
  return { document, mode };
}

function refuseRepeatedKeys(node: unknown, refuse: (offset: number, key: string) => never): void {
  if (!isMap(node)) return;
  const seen = new Set<string>();
  for (const { key, value } of node.items) {
    if (isScalar(key)) {
      const name = String(key.value);
      if (seen.has(name)) refuse(key.range?.[0] ?? 0, name);
      seen.add(name);
    }
    refuseRepeatedKeys(value, refuse);
  }
}

async function readText(file: string): Promise<{ text: string; mode: number }> {
  let handle: FileHandle;
  try {
    // Does not block if it is a named pipe without a writer.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { text: "", mode: 0o600 };
    throw new UsageError(`cannot read '${file}': ${systemReason(error)}`);
  }
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new UsageError(`cannot read the configuration: ${file} is not a regular file`);
    if (found.size > MOST_BYTES) throw new UsageError(`cannot read the configuration: ${file} is larger than 1 MB`);
    refuseIfOthersWrite(file, found);
    const folder = dirname(await realpath(file));
    await refuseFolder(folder, (mode) => mode);
    // A user who can write to a folder above can replace this one.
    for (const above of foldersAbove(folder)) await refuseFolder(above, withoutOwnGroup);
    return { text: await handle.readFile("utf8"), mode: found.mode };
  } finally {
    await handle.close();
  }
}

/** Up to the user's home, as in OpenSSH, or else up to the root. */
function* foldersAbove(folder: string): Generator<string> {
  const { homedir } = userInfo();
  for (let below = folder; below !== homedir && dirname(below) !== below; below = dirname(below)) yield dirname(below);
}

async function refuseFolder(folder: string, judged: (mode: number, owner: Owner) => number): Promise<void> {
  const { mode, uid, gid } = await stat(folder);
  // In a folder such as /tmp, users cannot replace the files of others.
  if ((mode & 0o1000) === 0) refuseIfOthersWrite(folder, { mode: judged(mode, { uid, gid }), uid });
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Many systems give each user a group of its own with the same number, and let that group write to new files. */
const withoutOwnGroup = (mode: number, { uid, gid }: Owner) => (uid === gid ? mode & ~0o020 : mode);

/** As in OpenSSH: a user who can write the configuration decides which commands are run. */
function refuseIfOthersWrite(path: string, { mode, uid }: { readonly mode: number; readonly uid: number }): void {
  const own = userInfo().uid;
  // Windows has neither.
  if (own < 0) return;
  if (uid !== own && uid !== 0) throw new UsageError(`cannot use the configuration: ${path} belongs to another user`);
  if ((mode & 0o022) !== 0) {
    throw new UsageError(
      `cannot use the configuration: ${path} can be written by other users: run \`chmod go-w ${path}\``,
    );
  }
}
