import { csv } from "./documents/csv.js";
import { json } from "./documents/json.js";
import { names } from "./documents/names.js";
import { ndjson } from "./documents/ndjson.js";
import type { Writer } from "./documents/writer.js";
import { yaml } from "./documents/yaml.js";

interface Format {
  readonly write: Writer;
  /** What stands between one repetition of a report and the next. */
  readonly separator: string;
  /** Whether rows hold all that there is, and not the fields of fixed columns. */
  readonly holdsAllFields?: boolean;
  /** Whether repetitions go on below the titles of the first. */
  readonly hasOneHeader?: boolean;
}

/** Every format of `-o`, by its name. A new one is a file in documents/ and a line here. */
export const FORMATS = {
  // nodetool leaves two lines empty between repetitions.
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
