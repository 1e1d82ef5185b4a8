import { type Command, InvalidArgumentError, Option, type OptionValues } from "commander";
import { OUTPUT_FORMATS, type OutputFormat } from "../format/formats.js";
import type { SortKey } from "../format/reports/row-options.js";
import { COLOR_MODES } from "../format/terminal/terminal.js";
import type { OutputOptions } from "../runtime/output.js";
import { UsageError } from "../usage-error.js";
import { wholeNumber } from "./option-values.js";

/** Adds options for all commands with output. */
export function addOutputOptions(root: Command): void {
  root
    .optionsGroup("Output:")
    .addOption(new Option("-o, --output <format>", "output format").choices(OUTPUT_FORMATS).env("TASKS_OUTPUT"))
    .option("--json", "same as -o json")
    .option(
      "--fields <fields>",
      "show only these fields, in this order, also computed ones such as duration_seconds",
      fieldList,
    )
    .option("--sort <field>", "sort by this field; prefix - for descending", sortKey)
    .option("--no-header", "omit the header line (table, csv)")
    .option("--wide", "on a terminal: show all columns and whole values")
    .option("--width <cells>", "width of the output (default: that of the terminal)", wholeNumber(1, 1_000_000))
    .option("--flat", "on a terminal: print the same table as in a pipe")
    .addOption(
      new Option("--color <when>", "when to use colors; always also formats for a terminal")
        .choices(COLOR_MODES)
        .default("auto"),
    );
}

/** Adds options for commands that list tasks. */
export function addRowOptions(command: Command): Command {
  return command
    .option("--limit <count>", "show at most this many", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option("--count", "show only the count");
}

/** Reads what commander parsed. */
export function outputOptions(root: Command, parsed: OptionValues): OutputOptions {
  const format = outputFormat(root, parsed);
  const nested = parsed.nested === true;
  if (nested && format !== "json") throw new UsageError("option '--nested' needs --json");
  if (nested && parsed.count === true) throw new UsageError("give either --nested or --count, not both");
  return {
    format,
    mayView: format === "table" && parsed.flat !== true && parsed.output === undefined,
    fields: parsed.fields,
    sort: parsed.sort,
    limit: parsed.limit,
    count: parsed.count === true,
    header: parsed.header !== false,
    wide: parsed.wide === true,
    width: parsed.width,
    color: parsed.color,
    nested,
  };
}

/** Where options come from, the lowest precedence first. */
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
  if (names.includes("")) throw new InvalidArgumentError("It takes field names with commas between them.");
  return [...new Set(names)];
}

function sortKey(text: string): SortKey {
  const descending = text.startsWith("-");
  const field = descending ? text.slice(1) : text;
  if (field === "") throw new InvalidArgumentError("It takes the name of a field; prefix - for descending order.");
  return { field, descending };
}
