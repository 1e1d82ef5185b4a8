import type { Context } from "./context.js";
import type { Format, Report } from "./format/report.js";
import type { OutputFormat } from "./output-formats.js";
import type { OutputOptions } from "./output-options.js";

/** Where a command prints. The form was chosen once, when the options were read. */
export interface Output {
  print<T>(report: Report<T>): Promise<void>;
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
  json: async () => (await import("./format/json.js")).json,
  ndjson: async () => (await import("./format/ndjson.js")).ndjson,
  yaml: async () => (await import("./format/yaml.js")).yaml,
  csv: async () => (await import("./format/csv.js")).csv,
  name: async () => (await import("./format/names.js")).names,
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

export function createOutput(context: Context, options: OutputOptions): Output {
  const { format } = options;
  let { header } = options;
  return {
    async print(report) {
      const chosen = await chosenRows(report, options, context.clock.now());
      const pieces = (await FORMATS[format]())(chosen, { header });
      for await (const piece of pieces) await context.stdout.write(piece);
    },
    async expect(fields) {
      const { fields: picked = [], sort } = options;
      if (picked.length === 0 && sort === undefined) return;
      const { fieldReader } = await import("./format/fields.js");
      for (const name of picked) fieldReader("--fields <fields>", name, fields, 0);
      if (sort !== undefined) fieldReader("--sort <field>", sort.field, fields, 0);
    },
    picks: (fields) => fields.some((field) => options.fields?.includes(field) || options.sort?.field === field),
    remark: (text) => (format === "table" ? context.stdout : context.stderr).write(`${text}\n`),
    separate() {
      // One table of csv, however often its rows are repeated.
      if (format === "csv") header = false;
      return context.stdout.write(SEPARATORS[format]);
    },
  };
}

/** Of all rows and fields, those that the user asked for: sorted, then cut off, then counted or picked from. */
async function chosenRows(report: Report, options: OutputOptions, now: number): Promise<Report> {
  const { fields, sort, limit, count } = options;
  let chosen = report;
  if (sort !== undefined) chosen = (await import("./format/sorted.js")).sortRows(chosen, sort, now);
  if (limit !== undefined) chosen = (await import("./format/limited.js")).limitRows(chosen, limit);
  if (count) return (await import("./format/counted.js")).countRows(chosen);
  if (fields !== undefined) chosen = (await import("./format/picked.js")).pickFields(chosen, fields, now) as Report;
  return chosen;
}
