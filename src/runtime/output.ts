import type { TaskStatus } from "../client/wire.js";
import { nestedJson } from "../format/documents/nested-json.js";
import { formatOf, type OutputFormat } from "../format/formats.js";
import { loadViews } from "../format/reports/load-views.js";
import { namesOf, type Report } from "../format/reports/report.js";
import type { RowOptions } from "../format/reports/row-options.js";
import { applyRowOptions } from "../format/reports/row-options.js";
import type { Frames } from "../format/terminal/frames.js";
import { type ColorMode, describeTerminal, type Terminal } from "../format/terminal/terminal.js";
import type { ViewMemory, ViewOptions } from "../format/terminal/view-options.js";
import type { Pieces } from "../format/text/pieces.js";
import { numberOf } from "../strings/number-of.js";
import { wrapWords } from "../strings/wrap-words.js";
import { fieldReader } from "../tasks/fields.js";
import type { JsonRecord } from "../tasks/record.js";
import type { Runtime } from "./runtime.js";

/** What to print of a report, and in which format. */
export interface OutputOptions extends RowOptions {
  readonly format: OutputFormat;
  /** Whether a terminal gets a view instead of the table. */
  readonly mayView: boolean;
  readonly header: boolean;
  /** On a terminal: everything, however long the lines. */
  readonly wide: boolean;
  /** Width of a view in cells; default: that of the terminal. */
  readonly width: number | undefined;
  readonly color: ColorMode;
  /** Children inside their parents. Only for trees. */
  readonly nested: boolean;
}

interface Repetition {
  readonly isLast: boolean;
  /** A headline above it, and below that what is missing, one per line. */
  readonly headline?: string;
  readonly missing?: readonly string[];
}

/** Prints the results of a command. The format was chosen once, when the options were read. */
export interface Output {
  /** @param repetition for repeated output: a terminal updates it in place */
  print<T>(report: Report<T>, repetition?: Repetition): Promise<void>;
  /**
   * Call it before anything that takes long or cannot be undone, with the fields that can be printed.
   * @throws UsageError if the user named an unknown field
   */
  checkFields(fields: readonly string[]): Promise<void>;
  /** The user's output options. */
  readonly options: OutputOptions;
  /** Whether repeated output is updated in place. */
  readonly isRedrawn: boolean;
  /** Whether the output is for programs, such as JSON, and not nodetool's text or a view. */
  readonly isDocument: boolean;
  /** Whether the user named one of these fields. */
  namesAny(fields: readonly string[]): boolean;
  /** Whether a computed field is shown: the user named it, or the format shows everything. */
  shows(field: string): boolean;
  /** Whether a field of every row is hidden: the user named others, or only ids are printed. */
  leavesOut(field: string): boolean;
  /** Width in cells of a terminal that shows a view with default columns; `undefined` if there is no such view. */
  readonly viewColumns: number | undefined;
  /**
   * A message besides the result: on stdout in nodetool's format, else on stderr, so that stdout stays one document.
   */
  remark(text: string): Promise<void>;
  /** Messages about omitted values; read at the end of the run. */
  readonly leftOut: readonly string[];
  /** The separator between repetitions of a report. */
  separate(): Promise<void>;
}

export function createOutput(runtime: Runtime, options: OutputOptions): Output {
  const { fields = [], sort } = options;
  const format = formatOf(options.format);
  let { header } = options;
  const { stdout, clock, env } = runtime;
  // The layout depends on where the output goes: FORCE_COLOR, which many CI systems set, must not change it.
  const isView = options.mayView && (stdout.isTerminal || options.color === "always");
  const frames = isView && stdout.isTerminal && env.TERM !== "dumb" ? { memory: {} as ViewMemory } : undefined;
  const write = async (pieces: Pieces) => {
    for await (const piece of pieces) await stdout.write(piece);
  };
  let live: Frames | undefined;
  const namesLeftOut = new Set<string>();
  const isNodetoolTable = ({ key }: Report) =>
    options.format === "table" && !isView && key === undefined && !hasRowOptions(options);
  const show = async (report: Report, repetition: Repetition | undefined): Promise<void> => {
    const now = clock.now();
    if (options.nested) {
      await write(await nested(distinct(report), options, now));
      return;
    }
    const shown = await withRowOptions(isNodetoolTable(report) ? report : distinct(report), options, now);
    if (!isView) {
      await write(format.write(shown, { header, leaveOut: (name) => namesLeftOut.add(name) }));
      return;
    }
    const isFrame = repetition !== undefined && frames !== undefined;
    const { terminal, view } = await viewOptions(runtime, options, now, isFrame ? frames.memory : undefined);
    const pieces = shown.view?.(shown.rows, view) ?? tableOnTerminal(shown, view);
    if (!isFrame) {
      await write(pieces);
      return;
    }
    live ??= new (await loadViews()).Frames();
    let text = "";
    for await (const piece of pieces) text += piece;
    const { unansweredLines, watchLines } = await loadViews();
    // The last is followed by what stderr says of them.
    if (!repetition.isLast) text = unansweredLines(shown.errors?.() ?? [], view) + text;
    text = watchLines(repetition, view) + text;
    const { ellipsis } = view.style.glyphs;
    await stdout.write(live.draw(text, terminal, repetition.isLast, (lines) => `${ellipsis} ${lines} more lines`));
  };
  return {
    print: (report, repetition) => withinLimits(show(report as Report, repetition)),
    async checkFields(known) {
      if (fields.length === 0 && sort === undefined) return;
      for (const name of fields) fieldReader("--fields <fields>", name, known, 0);
      if (sort !== undefined) fieldReader("--sort <field>", sort.field, known, 0);
    },
    options,
    isRedrawn: frames !== undefined,
    isDocument: options.format !== "table",
    namesAny: (names) => names.some((name) => fields.includes(name) || sort?.field === name),
    shows: (name) => (options.fields === undefined ? isView || format.holdsAllFields === true : fields.includes(name)),
    leavesOut: (name) => options.format === "name" || (options.fields !== undefined && !fields.includes(name)),
    viewColumns:
      isView && stdout.isTerminal && options.fields === undefined ? (options.width ?? stdout.columns) : undefined,
    async remark(text) {
      const sink = options.format === "table" ? stdout : runtime.stderr;
      await sink.write(`${sink.isTerminal ? wrapWords(text, sink.columns) : text}\n`);
    },
    get leftOut() {
      const { size } = namesLeftOut;
      if (size === 0) return [];
      const names = numberOf(size, "name");
      return [`${names} left out: not safe to pass to another command (spaces, control characters, or a leading -)`];
    },
    separate() {
      if (format.hasOneHeader) header = false;
      return live === undefined ? stdout.write(format.separator) : Promise.resolve();
    },
  };
}

const distinct = (report: Report): Report =>
  report.distinct === undefined ? report : { ...report, rows: report.distinct(report.rows) };

const hasRowOptions = ({ fields, sort, limit, count }: RowOptions): boolean =>
  fields !== undefined || sort !== undefined || limit !== undefined || count === true;

async function withRowOptions(report: Report, options: RowOptions, now: number): Promise<Report> {
  if (!hasRowOptions(options)) return report;
  return applyRowOptions(report, options, now);
}

async function viewOptions(
  { stdout, env }: Runtime,
  { color, width, wide, header, sort }: OutputOptions,
  nowMs: number,
  memory: ViewMemory | undefined,
): Promise<{ terminal: Terminal; view: ViewOptions }> {
  const { styleFor } = await loadViews();
  const terminal = describeTerminal(stdout, env, color, width);
  const style = styleFor(terminal);
  const { columns } = terminal;
  const isSorted = sort !== undefined;
  return { terminal, view: { columns, style, nowMs, wide, header, isSorted, ...(memory && { memory }) } };
}

/** The table in characters that the terminal can show, for a report without a view. */
async function* tableOnTerminal(report: Report, view: ViewOptions): Pieces {
  const { text } = view.style;
  for await (const piece of report.table(report.rows, view)) yield piece.split("\n").map(text).join("\n");
}

/** The fields are taken from each task once it has its place. */
async function nested(report: Report, options: OutputOptions, now: number): Promise<Pieces> {
  const { fields, ...rows } = options;
  const shown = (await withRowOptions(report, rows, now)) as Report<TaskStatus>;
  if (fields === undefined) return nestedJson(shown, (status) => shown.record(status) as JsonRecord);
  const readers = fields.map((name) => [name, fieldReader("--fields <fields>", name, namesOf(shown), now)] as const);
  return nestedJson(shown, (status) => {
    const record = shown.record(status);
    return Object.fromEntries(readers.map(([name, read]) => [name, read(record)]));
  });
}

/** A server's value may be too deep for the stack, or too long for a string: then the user gets one message. */
async function withinLimits(printing: Promise<void>): Promise<void> {
  try {
    await printing;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const reason = /call stack/.test(error.message) ? "nested too deeply" : "too long";
    throw new Error(`cannot print the answer: a value in it is ${reason}`, { cause: error });
  }
}
