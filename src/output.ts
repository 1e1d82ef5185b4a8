import type { Context } from "./context.js";
import type { Format, Report } from "./format/report.js";

/** Where a command prints. The format was chosen once, when the options were read. */
export interface Output {
  print<T>(report: Report<T>): Promise<void>;
  /** A sentence beside the result: on stdout in nodetool's format, else on stderr, so that stdout stays one document. */
  remark(text: string): Promise<void>;
  /** What stands between one repetition of a report and the next. */
  separate(): Promise<void>;
}

export const OUTPUT_FORMATS = ["table", "json"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

const FORMATS: Readonly<Record<OutputFormat, () => Promise<Format>>> = {
  table: async () => (report) => report.plain(report.rows),
  json: async () => (await import("./format/json.js")).json,
};

/** nodetool leaves two lines empty; JSON documents follow each other without anything between. */
const SEPARATORS: Readonly<Record<OutputFormat, string>> = { table: "\n\n", json: "" };

export function createOutput(context: Context, format: OutputFormat): Output {
  return {
    async print(report) {
      const pieces = (await FORMATS[format]())(report);
      for await (const piece of pieces) await context.stdout.write(piece);
    },
    remark: (text) => (format === "table" ? context.stdout : context.stderr).write(`${text}\n`),
    separate: () => context.stdout.write(SEPARATORS[format]),
  };
}
