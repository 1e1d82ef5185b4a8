import type { Style } from "./style.js";

/** The lines of an error, safe to show: its own line ends and tabs are layout, everything else that acts is escaped. */
export function errorLines(error: string, style: Style): string[] {
  return error
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => style.text(line.replaceAll("\t", "  ")));
}
