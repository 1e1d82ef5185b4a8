import { EXIT, type ExitCode } from "../exit-codes.js";
import { printMessage, readOrNot } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import { printable } from "../strings/printable.js";

/** The states of a monitoring plugin. */
export type CheckState = "OK" | "WARNING" | "CRITICAL" | "UNKNOWN";

const EXIT_CODES: Readonly<Record<CheckState, ExitCode>> = {
  OK: EXIT.success,
  WARNING: EXIT.checkWarning,
  CRITICAL: EXIT.checkCritical,
  UNKNOWN: EXIT.checkUnknown,
};

/** A figure for the graphs of a monitor. */
export interface PerformanceData {
  /** Only letters and underscores. */
  readonly label: string;
  readonly value: number;
  /** `s` for seconds; absent for a count. */
  readonly unit?: "s";
  readonly warning?: string | undefined;
  readonly critical?: string | undefined;
}

/** Some monitors cut off a line after this length. */
const LONGEST_TEXT = 800;

/** The single line of a plugin: a text and, after a bar, the figures. A server's text cannot add a line or a figure. */
function pluginLine(state: CheckState, text: string, figures: readonly PerformanceData[]): string {
  const oneLine = printable(text).replaceAll("|", "/");
  const shown = oneLine.length <= LONGEST_TEXT ? oneLine : `${oneLine.slice(0, LONGEST_TEXT)}...`;
  const data = figures.map(
    ({ label, value, unit = "", warning = "", critical = "" }) =>
      `'${label}'=${Number(value.toFixed(3))}${unit};${warning};${critical};0;`,
  );
  return `TASKS ${state} - ${shown}${data.length === 0 ? "" : ` | ${data.join(" ")}`}\n`;
}

/** Prints the result. @returns the exit code of a plugin */
export async function sayState(
  { stdout }: Runtime,
  state: CheckState,
  text: string,
  figures: readonly PerformanceData[] = [],
): Promise<ExitCode> {
  await readOrNot(stdout.write(pluginLine(state, text, figures)));
  return EXIT_CODES[state];
}

/** Prints that the state is unknown, and why. Monitors read stdout even for errors; if it cannot be written, stderr is used. */
export async function sayUnknown(runtime: Runtime, error: unknown): Promise<ExitCode> {
  const lines = errorText(error).split("\n");
  try {
    return await sayState(runtime, "UNKNOWN", lines.filter((line) => line !== "").join("; "));
  } catch {
    await printMessage(runtime, `error: ${errorText(error)}`);
    return EXIT_CODES.UNKNOWN;
  }
}
