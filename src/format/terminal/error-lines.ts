import type { Style } from "./style.js";

/** The lines of an error, printable: line ends and tabs are layout, all other control characters are escaped. */
export function errorLines(error: string, style: Style): string[] {
  return error
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => style.text(line.replaceAll("\t", "  ")));
}
