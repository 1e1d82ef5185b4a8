import { printable } from "../strings/printable.js";
import { FINISHED_STATES, MODULE_NAMES, TASK_KINDS, TASK_STATES } from "../vocabulary.js";
import type { CommandEntry, CommandTable } from "./command-entry.js";
import type { Expected, Typed } from "./expected.js";
import type { Live } from "./live.js";

export interface Suggestion {
  readonly value: string;
  readonly description?: string | undefined;
}

/** What to suggest, or whether the shell should suggest files. */
export interface Suggestions {
  readonly files: boolean;
  readonly list: readonly Suggestion[];
}

/** More suggestions help nobody, and slow down the shell. */
const MAX_SUGGESTIONS = 1000;

/** Values with these names are files. */
const FILES = /^(file|files|directory|directories|folder|path|journal)$/;
/** Values with these names are patterns for a field of tasks. */
const FIELDS: ReadonlyMap<string, "type" | "scope" | "entity"> = new Map([
  ["types", "type"],
  ["scopes", "scope"],
  ["entities", "entity"],
]);

/** The possible words at the cursor that begin with what was typed. */
export async function suggestionsAt(
  table: CommandTable,
  { typed, expected }: { readonly typed: Typed; readonly expected: Expected },
  current: string,
  live: Live,
): Promise<Suggestions> {
  const commands = typed.path.at(-1)?.commands ?? [];
  switch (expected.kind) {
    case "command":
      return beginningWith(current, commandNames(commands));
    case "option":
      return beginningWith(current, optionNames(typed));
    case "positional": {
      const { name, words } = expected;
      if (name !== undefined) return await valuesOf(table, typed, { name, words, before: "", current, live });
      return current === "" ? beginningWith(current, optionNames(typed)) : NOTHING;
    }
    case "value": {
      const { before, option } = expected;
      return await valuesOf(table, typed, {
        name: option.takes ?? "",
        option: option.name,
        words: option.words,
        before,
        current,
        live,
      });
    }
  }
}

const NOTHING: Suggestions = { files: false, list: [] };

interface ValueQuery {
  /** The name of the value or positional. */
  readonly name: string;
  /** The option, if it is the value of one. */
  readonly option?: string;
  readonly words: readonly string[] | undefined;
  readonly before: string;
  readonly current: string;
  readonly live: Live;
}

async function valuesOf(table: CommandTable, typed: Typed, query: ValueQuery): Promise<Suggestions> {
  const { name, option, words, before, current } = query;
  // In a list, only what comes after the last comma is completed. A pattern may be negated, and a sort order reversed.
  const isList = /s$/.test(name) || option === "--host";
  const [head = ""] =
    (isList ? /^(?:.*,)?!?/ : option === "--sort" ? /^-?/ : /^/).exec(current.slice(before.length)) ?? [];
  const found = words === undefined ? await namedValues(table, typed, query) : plain(words);
  const { list } = beginningWith(
    current,
    found.filter(isSafe).map(({ value, description }) => ({ value: before + head + value, description })),
  );
  return { files: FILES.test(name) || (name === "name" && option === "--scenario"), list };
}

async function namedValues(
  table: CommandTable,
  { path, positionals, values }: Typed,
  { name, option, live }: ValueQuery,
): Promise<readonly Suggestion[]> {
  const command = path[1]?.name ?? "";
  const module = values.get("--module") ?? (command === "list" ? positionals[0] : undefined);
  const field = FIELDS.get(name);
  if (field !== undefined) return plain(await live.valuesOfTasks(field, module));
  if (option === "--release") return plain(table.releases);
  if (option === "--scenario") return plain(table.scenarios);
  if (option === "--context" || (command === "context" && name === "name" && path[2]?.name !== "add")) {
    return plain(await live.contexts());
  }
  switch (name) {
    case "states":
      return plain(TASK_STATES);
    case "kinds":
      return plain(TASK_KINDS);
    case "field":
    case "fields":
      return plain(command === "list" ? table.listFields : table.statusFields);
    case "module":
    case "modules": {
      const found = await live.modules();
      return plain(found.length === 0 ? MODULE_NAMES : found);
    }
    case "id": {
      const given = new Set(positionals);
      const tasks = await live.tasks(module);
      return tasks
        .filter(({ id, state }) => !given.has(id) && isUseful(command, state))
        .map(({ id, about }) => ({ value: id, description: about }));
    }
    case "keyspace":
    case "keyspaces":
      return plain(await live.keyspaces());
    case "table":
    case "tables": {
      const keyspace = values.get("--keyspace") ?? (option === undefined ? positionals[0] : undefined);
      return plain(await live.tables(keyspace));
    }
    case "host":
    case "hosts":
      return plain(await live.nodes());
    case "host-id":
      return (await live.hostIds()).map(({ id, address }) => ({ value: id, description: address }));
    case "command":
      return commandNames(path[0]?.commands ?? []);
    default:
      return [];
  }
}

/** There is no point in waiting for a finished task, or in explaining one that has not failed. */
function isUseful(command: string, state: string): boolean {
  if (command === "wait" || command === "abort") return !FINISHED_STATES.has(state);
  return command !== "explain" || state === "failed";
}

const plain = (values: readonly string[]): Suggestion[] => values.map((value) => ({ value }));

const commandNames = (commands: readonly CommandEntry[]): Suggestion[] =>
  commands.map(({ name, summary }) => ({ value: name, description: summary }));

/** Options of the command come first. */
function optionNames({ path }: Typed): Suggestion[] {
  return path
    .toReversed()
    .flatMap(({ options }) => options)
    .filter(({ isHidden }) => isHidden !== true)
    .map(({ name, description }) => ({ value: name, description }));
}

function beginningWith(typed: string, suggestions: readonly Suggestion[]): Suggestions {
  const list: Suggestion[] = [];
  const seen = new Set<string>();
  for (const { value, description } of suggestions) {
    if (!value.startsWith(typed) || seen.has(value)) continue;
    seen.add(value);
    list.push({ value, description: description && printable(description.replaceAll("\n", " ")) });
    if (list.length === MAX_SUGGESTIONS) break;
  }
  return { files: false, list };
}

/** A name from a server or a file must not be an option, control the terminal, or end the line. */
const SAFE = /^[^-\s\p{C}][^\p{C}]{0,199}$/u;
const isSafe = ({ value }: Suggestion) => SAFE.test(value) && printable(value) === value;
