import { type ColorMode, describeTerminal } from "../format/terminal/terminal.js";
import { printMessage } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";

/** Shows the progress of a wait: always on stderr, so that stdout has only the result. */
export interface ProgressDisplay {
  /** Time between reads of the progress, in milliseconds. */
  readonly intervalMs: number;
  /** Width for the text, in cells. */
  readonly columns: number;
  /** Whether characters beyond ASCII may be used. */
  readonly unicode: boolean;
  /** @param figures a log gets another line soon only if these changed; the text may have more, such as the time */
  show(text: string, figures: string): void;
  /** Makes room for another line of stderr. */
  pause(): void;
  resume(): void;
  /** Removes the display from the terminal. */
  stop(): void;
}

export const PROGRESS_MODES = ["auto", "plain", "none"] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

const TERMINAL_INTERVAL_MS = 1000;
const PLAIN_INTERVAL_MS = 10_000;
/** Progress is read every ten seconds, perhaps a little late: so there is a line at least every minute. */
const HEARTBEAT_MS = 50_000;
/** Width of a line in a log. */
const PLAIN_COLUMNS = 200;

/** All CI systems set it; some users set it to false. */
const isCi = ({ CI = "" }: Runtime["env"]): boolean => !["", "0", "false"].includes(CI.toLowerCase());

/**
 * A spinner on a terminal; in CI and with `plain`, lines, at most every ten seconds; otherwise nothing, so that the
 * requests are exactly nodetool's.
 */
export async function openProgressDisplay(
  runtime: Runtime,
  mode: ProgressMode,
  color: ColorMode,
): Promise<ProgressDisplay | undefined> {
  const { stderr, env } = runtime;
  if (mode === "plain" || (mode === "auto" && isCi(env))) return plainDisplay(runtime);
  const terminal = describeTerminal(stderr, env, color);
  if (mode === "none" || !terminal.canRedraw) return undefined;
  // A terminal of a script or a container may have no width. ora would divide by it, and wipe out lines without end.
  if (stderr.stream.columns === 0) return undefined;
  const { default: ora } = await import("ora");
  const spinner = ora({
    stream: stderr.stream,
    text: "waiting",
    color: terminal.color ? "cyan" : false,
    spinner: terminal.unicode ? "dots" : "line",
    // Left alone, ora reads stdin and waits for it.
    discardStdin: false,
  }).start();
  return {
    intervalMs: TERMINAL_INTERVAL_MS,
    get columns() {
      // The spinner and the space behind it.
      return stderr.columns - 3;
    },
    unicode: terminal.unicode,
    show(text) {
      spinner.text = text;
    },
    pause() {
      spinner.clear();
    },
    resume() {
      spinner.render();
    },
    stop() {
      // A second call would erase the line that was written after the first.
      if (spinner.isSpinning) spinner.stop();
    },
  };
}

/** For long-running commands: a spinner on a terminal, lines elsewhere. */
export async function openLastingDisplay(runtime: Runtime, color: ColorMode): Promise<ProgressDisplay> {
  return (await openProgressDisplay(runtime, "auto", color)) ?? plainDisplay(runtime);
}

/** Prints a line for changes, at most every ten seconds, and one per minute without changes. */
function plainDisplay(runtime: Runtime): ProgressDisplay {
  let said = { figures: "", atMs: Number.NEGATIVE_INFINITY };
  let isOver = false;
  return {
    intervalMs: PLAIN_INTERVAL_MS,
    columns: PLAIN_COLUMNS,
    unicode: false,
    show(text, figures) {
      const atMs = runtime.clock.monotonic();
      const pauseMs = figures === said.figures ? HEARTBEAT_MS : PLAIN_INTERVAL_MS;
      if (isOver || atMs - said.atMs < pauseMs) return;
      said = { figures, atMs };
      void printMessage(runtime, text);
    },
    pause() {},
    resume() {},
    stop() {
      isOver = true;
    },
  };
}
