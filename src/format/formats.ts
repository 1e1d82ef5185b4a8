import { csv } from "./documents/csv.js";
import { json } from "./documents/json.js";
import { names } from "./documents/names.js";
import { ndjson } from "./documents/ndjson.js";
import type { Writer } from "./documents/writer.js";
import { yaml } from "./documents/yaml.js";

interface Format {
  readonly write: Writer;
  /** What to print between two repetitions of a report. */
  readonly separator: string;
  /** Whether rows have all fields, not only those of fixed columns. */
  readonly holdsAllFields?: boolean;
  /** Whether repetitions continue below the titles of the first. */
  readonly hasOneHeader?: boolean;
}

/** The formats of `-o`, by name. To add one, write a file in documents/ and add a line here. */
const FORMATS = {
  // nodetool prints two empty lines between repetitions.
  table: { write: (report, options) => report.table(report.rows, options), separator: "\n\n" },
  json: { write: json, separator: "", holdsAllFields: true },
  ndjson: { write: ndjson, separator: "", holdsAllFields: true },
  yaml: { write: yaml, separator: "---\n", holdsAllFields: true },
  csv: { write: csv, separator: "", hasOneHeader: true },
  name: { write: names, separator: "" },
} satisfies Readonly<Record<string, Format>>;

export type OutputFormat = keyof typeof FORMATS;
export const OUTPUT_FORMATS = Object.keys(FORMATS) as readonly OutputFormat[];

export const formatOf = (name: OutputFormat): Format => FORMATS[name];
