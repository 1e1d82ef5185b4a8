/** The forms in which every command can print. */
export const OUTPUT_FORMATS = ["table", "json", "ndjson", "yaml", "csv", "name"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];
