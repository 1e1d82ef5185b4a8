import { EXIT, type ExitCode } from "../exit-codes.js";
import { printMessage, readOrNot } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import { printable } from "../strings/printable.js";

/** What a plugin says of the state of something. */
export type CheckState = "OK" | "WARNING" | "CRITICAL" | "UNKNOWN";

const EXIT_CODES: Readonly<Record<CheckState, ExitCode>> = {
  OK: EXIT.success,
  WARNING: EXIT.checkWarning,
  CRITICAL: EXIT.checkCritical,
  UNKNOWN: EXIT.checkUnknown,
};

/** A figure that a monitor draws. */
export interface PerformanceData {
  /** Of letters and underscores. */
  readonly label: string;
  readonly value: number;
  /** `s` for seconds; nothing for a count. */
  readonly unit?: "s";
  readonly warning?: string | undefined;
  readonly critical?: string | undefined;
}

/** What a monitor shows of a line; some cut it off there. */
const LONGEST_TEXT = 800;

/** The one line of a plugin: what it found, and behind a bar its figures. Text of a server cannot make another line, or a figure. */
export function pluginLine(state: CheckState, text: string, figures: readonly PerformanceData[]): string {
  const oneLine = printable(text).replaceAll("|", "/");
  const shown = oneLine.length <= LONGEST_TEXT ? oneLine : `${oneLine.slice(0, LONGEST_TEXT)}...`;
  const data = figures.map(
    ({ label, value, unit = "", warning = "", critical = "" }) =>
      `'${label}'=${Number(value.toFixed(3))}${unit};${warning};${critical};0;`,
  );
  return `TASKS ${state} - ${shown}${data.length === 0 ? "" : ` | ${data.join(" ")}`}\n`;
}

/** Says what was found. @returns the exit code of a plugin */
export async function sayState(
  { stdout }: Runtime,
  state: CheckState,
  text: string,
  figures: readonly PerformanceData[] = [],
): Promise<ExitCode> {
  await readOrNot(stdout.write(pluginLine(state, text, figures)));
  return EXIT_CODES[state];
}

/** Says that nothing is known, and why: monitors read stdout, for errors too. If that is full, stderr is left. */
export async function sayUnknown(runtime: Runtime, error: unknown): Promise<ExitCode> {
  const lines = errorText(error).split("\n");
  try {
    return await sayState(runtime, "UNKNOWN", lines.filter((line) => line !== "").join("; "));
  } catch {
    await printMessage(runtime, `error: ${errorText(error)}`);
    return EXIT_CODES.UNKNOWN;
  }
}
