import type { OutputOptions } from "../cli/output-options.js";
import type { TaskStatus } from "../client/wire.js";
import type { OutputFormat } from "../format/output-formats.js";
import { type Format, namesOf, type Pieces, type Report, type Row } from "../format/reports/report.js";
import type { Frames } from "../format/terminal/frames.js";
import type { Screen, ScreenMemory } from "../format/terminal/screen.js";
import { describeTerminal, type Terminal } from "../format/terminal/terminal.js";
import type { Runtime } from "./runtime.js";

export interface Repetition {
  readonly isLast: boolean;
}

/** Where a command prints. The form was chosen once, when the options were read. */
export interface Output {
  /** @param repetition where the same is printed again and again: on a terminal each takes the place of the one before */
  print<T>(report: Report<T>, repetition?: Repetition): Promise<void>;
  /**
   * To be called before anything that takes long or cannot be undone, with the fields of what will be printed.
   * @throws UsageError where the user asked for a field that is not among them
   */
  expect(fields: readonly string[]): Promise<void>;
  /** Whether the user asked for one of these fields by name. */
  picks(fields: readonly string[]): boolean;
  /** A sentence beside the result: on stdout in nodetool's format, else on stderr, so that stdout stays one document. */
  remark(text: string): Promise<void>;
  /** What stands between one repetition of a report and the next. */
  separate(): Promise<void>;
}

const FORMATS: Readonly<Record<OutputFormat, () => Promise<Format>>> = {
  table: async () => (report, options) => report.plain(report.rows, options),
  json: async () => (await import("../format/documents/json.js")).json,
  ndjson: async () => (await import("../format/documents/ndjson.js")).ndjson,
  yaml: async () => (await import("../format/documents/yaml.js")).yaml,
  csv: async () => (await import("../format/documents/csv.js")).csv,
  name: async () => (await import("../format/documents/names.js")).names,
};

/**
 * nodetool leaves two lines empty; documents of YAML need a mark between them; those of JSON, and lines, follow each other
 * without anything between.
 */
const SEPARATORS: Readonly<Record<OutputFormat, string>> = {
  table: "\n\n",
  json: "",
  ndjson: "",
  yaml: "---\n",
  csv: "",
  name: "",
};

export function createOutput(runtime: Runtime, options: OutputOptions): Output {
  const { format } = options;
  let { header } = options;
  const { stdout, clock, env } = runtime;
  // The layout is a matter of where the output goes: FORCE_COLOR, which many CI systems set, must not change it.
  const isForPeople = format === "table" && !options.flat && (stdout.isTerminal || options.color === "always");
  const frames = isForPeople && stdout.isTerminal && env.TERM !== "dumb" ? { memory: {} as ScreenMemory } : undefined;
  const write = async (pieces: Pieces) => {
    for await (const piece of pieces) await stdout.write(piece);
  };
  let live: Frames | undefined;
  return {
    async print(report, repetition) {
      const now = clock.now();
      const chosen = await chosenRows(report as Report, options, now);
      if (!isForPeople) {
        if (options.nested) await write(await nested(chosen, options, now));
        else await write((await FORMATS[format]())(chosen, { header }));
        return;
      }
      const isFrame = repetition !== undefined && frames !== undefined;
      const { terminal, screen } = await openScreen(runtime, options, now, isFrame ? frames.memory : undefined);
      const pieces = chosen.screen?.(chosen.rows, screen) ?? plainOnScreen(chosen, screen);
      if (!isFrame) {
        await write(pieces);
        return;
      }
      live ??= new (await import("../format/terminal/frames.js")).Frames();
      let text = "";
      for await (const piece of pieces) text += piece;
      const { ellipsis } = screen.style.glyphs;
      await stdout.write(
        live.draw(text, terminal.rows, repetition.isLast, (lines) => `${ellipsis} ${lines} more lines`),
      );
    },
    async expect(fields) {
      const { fields: picked = [], sort } = options;
      if (picked.length === 0 && sort === undefined) return;
      const { fieldReader } = await import("../tasks/fields.js");
      for (const name of picked) fieldReader("--fields <fields>", name, fields, 0);
      if (sort !== undefined) fieldReader("--sort <field>", sort.field, fields, 0);
    },
    picks: (fields) => fields.some((field) => options.fields?.includes(field) || options.sort?.field === field),
    remark: (text) => (format === "table" ? runtime.stdout : runtime.stderr).write(`${text}\n`),
    separate() {
      // One table of csv, however often its rows are repeated.
      if (format === "csv") header = false;
      return live === undefined ? stdout.write(SEPARATORS[format]) : Promise.resolve();
    },
  };
}

async function openScreen(
  { stdout, env }: Runtime,
  { color, wide, header, sort }: OutputOptions,
  nowMs: number,
  memory: ScreenMemory | undefined,
): Promise<{ terminal: Terminal; screen: Screen }> {
  const { styleFor } = await import("../format/terminal/style.js");
  const terminal = describeTerminal(stdout, env, color);
  const style = await styleFor(terminal);
  const { columns } = terminal;
  const isSorted = sort !== undefined;
  return { terminal, screen: { columns, style, nowMs, wide, header, isSorted, ...(memory && { memory }) } };
}

/** The text of a pipe in characters that the terminal can show: for a report that has no view. */
async function* plainOnScreen(report: Report, screen: Screen): Pieces {
  const { text } = screen.style;
  for await (const piece of report.plain(report.rows, screen)) yield piece.split("\n").map(text).join("\n");
}

async function nested(report: Report, { fields }: OutputOptions, now: number): Promise<Pieces> {
  const { nestedJson } = await import("../format/documents/nested-json.js");
  if (fields === undefined) return nestedJson(report as Report<TaskStatus>, (status) => report.record(status) as Row);
  const { fieldReader } = await import("../tasks/fields.js");
  const readers = fields.map((name) => [name, fieldReader("--fields <fields>", name, namesOf(report), now)] as const);
  return nestedJson(report as Report<TaskStatus>, (status) => {
    const record = report.record(status);
    return Object.fromEntries(readers.map(([name, read]) => [name, read(record)]));
  });
}

/** Of all rows and fields, those that the user asked for: sorted, then cut off, then picked from, then counted. */
async function chosenRows(report: Report, options: OutputOptions, now: number): Promise<Report> {
  const { fields, sort, limit, count } = options;
  let chosen = report;
  if (sort !== undefined) chosen = (await import("../format/reports/sorted.js")).sortRows(chosen, sort, now);
  if (limit !== undefined) chosen = (await import("../format/reports/limited.js")).limitRows(chosen, limit);
  // Within a nested tree, fields are picked from each task once it has its place.
  if (fields !== undefined && !options.nested)
    chosen = (await import("../format/reports/picked.js")).pickFields(chosen, fields, now) as Report;
  return count ? (await import("../format/reports/counted.js")).countRows(chosen) : chosen;
}
