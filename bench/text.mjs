// How figures are printed: tables of Markdown.

export function table(titles, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

export const factor = (value) => value.toFixed(2);
export const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
export const milliseconds = (ms) => `${Math.round(ms)} ms`;
export const megabytes = (mb) => `${Math.round(mb)} MB`;
export const count = (value) => Math.round(value).toLocaleString("en");
