import { readFile, stat, writeFile } from "node:fs/promises";
import * as v from "valibot";
import { type Document, LineCounter, parseDocument } from "yaml";
import { UsageError } from "../usage-error.js";

const Scalar = v.union([v.string(), v.number(), v.boolean()]);
const ContextValues = v.record(v.string(), v.union([Scalar, v.array(Scalar)]));
const ConfigShape = v.strictObject({
  current: v.optional(v.string()),
  contexts: v.optional(v.record(v.string(), v.nullable(ContextValues)), {}),
});

/** Options by their long names without dashes, and `token`. */
export type ContextValues = v.InferOutput<typeof ContextValues>;

export interface Config {
  readonly file: string;
  readonly current: string | undefined;
  readonly contexts: Readonly<Record<string, ContextValues>>;
}

/**
 * Reads the configuration; a file that is not there is an empty one.
 * @throws UsageError that names file, line and field where it cannot be understood, or where it holds a token that others can read
 */
export async function readConfig(file: string | undefined): Promise<Config> {
  if (file === undefined) throw new UsageError("there is no place for a configuration: set HOME or TASKS_CONFIG");
  const { document } = await readDocument(file);
  const parsed = v.safeParse(ConfigShape, document.toJS() ?? {});
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = (issue.path ?? []).map(({ key }) => String(key)).join(".");
    throw new UsageError(`${file}: ${path === "" ? "the file" : path}: ${shapeOf(issue.message)}`);
  }
  const contexts = Object.fromEntries(
    Object.entries(parsed.output.contexts).map(([name, values]) => [name, values ?? {}]),
  );
  if (Object.values(contexts).some((values) => "token" in values)) await refuseIfOthersRead(file);
  return { file, current: parsed.output.current, contexts };
}

/** A value that stands in the wrong place may be a secret: what was expected tells enough. */
const shapeOf = (message: string) => message.replace(/ but received .*$/s, "");

export function unknownContext(name: string, { file, contexts }: Config): UsageError {
  const known = Object.keys(contexts);
  return new UsageError(
    `there is no context '${name}' in ${file}: ${known.length === 0 ? "it has none" : `it has ${known.join(", ")}`}`,
  );
}

/** Makes a context the current one; comments and layout of the file stay. */
export async function setCurrentContext(file: string, name: string): Promise<void> {
  const { document } = await readDocument(file);
  document.set("current", name);
  await writeFile(file, document.toString(), { mode: 0o600 });
}

async function readDocument(file: string): Promise<{ document: Document }> {
  let text = "";
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      throw new UsageError(`cannot read the configuration: ${(error as Error).message}`);
    }
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    throw new UsageError(`${file}, line ${line}: ${error.message.split("\n")[0]}`);
  }
  return { document };
}

async function refuseIfOthersRead(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) {
    throw new UsageError(`${file} holds a token, and others can read it: run \`chmod 600 ${file}\``);
  }
}
