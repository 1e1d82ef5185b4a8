import { type Command, InvalidArgumentError, Option, type OptionValues } from "commander";
import { OUTPUT_FORMATS, type OutputFormat } from "../format/output-formats.js";
import type { SortKey } from "../format/reports/sorted.js";
import { COLOR_MODES, type ColorMode } from "../format/terminal/terminal.js";
import { UsageError } from "../usage-error.js";
import { wholeNumber } from "./option-values.js";

/** What the user wants to see of a report, and in which form. */
export interface OutputOptions {
  readonly format: OutputFormat;
  readonly fields: readonly string[] | undefined;
  readonly sort: SortKey | undefined;
  readonly limit: number | undefined;
  readonly count: boolean;
  readonly header: boolean;
  /** On a terminal: everything, however long the lines get. */
  readonly wide: boolean;
  /** The text of a pipe on a terminal too. */
  readonly flat: boolean;
  readonly color: ColorMode;
  /** Children within their parents. Only for trees. */
  readonly nested: boolean;
}

/** Options that every command has that prints. */
export function addOutputOptions(root: Command): void {
  root
    .optionsGroup("Output:")
    .addOption(new Option("-o, --output <format>", "form of the output").choices(OUTPUT_FORMATS).env("TASKS_OUTPUT"))
    .option("--json", "the same as -o json")
    .option("--fields <fields>", "only these fields, in this order; computed ones too: duration_seconds", fieldList)
    .option("--sort <field>", "order of the rows; -field turns it round", sortKey)
    .option("--no-header", "no line of titles (table, csv)")
    .option("--wide", "on a terminal: leave nothing out, and cut nothing")
    .option("--flat", "on a terminal: the plain text that a pipe gets")
    .addOption(
      new Option("--color <when>", "colours; always: the terminal's view in a pipe too")
        .choices(COLOR_MODES)
        .default("auto"),
    );
}

/** Options of the commands that list tasks. */
export function addRowOptions(command: Command): Command {
  return command
    .option("--limit <count>", "no more than so many", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option("--count", "only how many there are");
}

/** Reads what commander parsed. */
export function outputOptions(root: Command, parsed: OptionValues): OutputOptions {
  const format = outputFormat(root, parsed);
  const nested = parsed.nested === true;
  if (nested && format !== "json") throw new UsageError("option '--nested' needs --json");
  if (nested && parsed.count === true) throw new UsageError("give either --nested or --count, not both");
  return {
    format,
    fields: parsed.fields,
    sort: parsed.sort,
    limit: parsed.limit,
    count: parsed.count === true,
    header: parsed.header !== false,
    wide: parsed.wide === true,
    flat: parsed.flat === true,
    color: parsed.color ?? "auto",
    nested,
  };
}

/** Where options come from, the weaker source first. */
const SOURCES = ["default", "context", "env", "cli"];

function outputFormat(root: Command, { json, output }: OptionValues): OutputFormat {
  if (json !== true) return output ?? "table";
  const [jsonRank, outputRank] = ["json", "output"].map((name) =>
    SOURCES.indexOf((root.getOptionValueSource(name) as string | undefined) ?? ""),
  ) as [number, number];
  if (output === undefined || output === "json" || jsonRank > outputRank) return "json";
  if (outputRank > jsonRank) return output;
  throw new UsageError(`option '--json' cannot be used together with '--output ${output}'`);
}

function fieldList(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("It takes names of fields with commas between them.");
  return [...new Set(names)];
}

function sortKey(text: string): SortKey {
  const descending = text.startsWith("-");
  const field = descending ? text.slice(1) : text;
  if (field === "") throw new InvalidArgumentError("It takes the name of a field, with - before it to turn it round.");
  return { field, descending };
}
