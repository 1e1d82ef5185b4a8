import type { Writer } from "./documents/writer.js";

interface Format {
  /** Loaded only where the format is chosen. */
  load(): Promise<Writer>;
  /** What stands between one repetition of a report and the next. */
  readonly separator: string;
  /** Whether repetitions go on below the titles of the first. */
  readonly hasOneHeader?: boolean;
}

/** Every format of `-o`, by its name. A new one is a file in documents/ and a line here. */
export const FORMATS = {
  // nodetool leaves two lines empty between repetitions.
  table: { load: async () => (report, options) => report.table(report.rows, options), separator: "\n\n" },
  json: { load: async () => (await import("./documents/json.js")).json, separator: "" },
  ndjson: { load: async () => (await import("./documents/ndjson.js")).ndjson, separator: "" },
  yaml: { load: async () => (await import("./documents/yaml.js")).yaml, separator: "---\n" },
  csv: { load: async () => (await import("./documents/csv.js")).csv, separator: "", hasOneHeader: true },
  name: { load: async () => (await import("./documents/names.js")).names, separator: "" },
} satisfies Readonly<Record<string, Format>>;

export type OutputFormat = keyof typeof FORMATS;
export const OUTPUT_FORMATS = Object.keys(FORMATS) as readonly OutputFormat[];

export const formatOf = (name: OutputFormat): Format => FORMATS[name];
