import { inertLine, isGithubActions } from "../format/ci/github-log.js";
import { type ColorMode, describeTerminal } from "../format/terminal/terminal.js";
import type { Runtime } from "../runtime/runtime.js";
import { tell } from "../runtime/tell.js";

/** Where the progress of a wait is shown: always stderr, so that stdout stays the result's. */
export interface ProgressDisplay {
  /** Time between two looks at the task, in milliseconds. */
  readonly intervalMs: number;
  /** Cells that a text may take. */
  readonly columns: number;
  /** Whether more than ASCII may be shown. */
  readonly unicode: boolean;
  /** @param figures what must have changed for a log to be worth another line soon; the text may hold more, such as the time */
  show(text: string, figures: string): void;
  /** Makes room for another line of stderr. */
  pause(): void;
  resume(): void;
  /** Takes away what is on the terminal. */
  stop(): void;
}

export const PROGRESS_MODES = ["auto", "plain", "none"] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

const TERMINAL_INTERVAL_MS = 1000;
const PLAIN_INTERVAL_MS = 10_000;
/** A look comes every ten seconds, and may be a little late: so a line comes every minute at the latest. */
const HEARTBEAT_MS = 50_000;
/** Of a line in a log. */
const PLAIN_COLUMNS = 200;

/** All CI systems set it; some users set it to false. */
const isCi = ({ CI = "" }: Runtime["env"]): boolean => !["", "0", "false"].includes(CI.toLowerCase());

/**
 * A spinner on a terminal; lines, at most one in ten seconds, for logs where they are asked for and in CI, with a terminal or without;
 * nothing elsewhere, so that the requests stay those of nodetool.
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
      // A second time it would wipe out the line that was written after the first.
      if (spinner.isSpinning) spinner.stop();
    },
  };
}

/** For a run that goes on for long: a spinner on a terminal, and lines elsewhere, where nobody asked for them too. */
export async function openLastingDisplay(runtime: Runtime, color: ColorMode): Promise<ProgressDisplay> {
  return (await openProgressDisplay(runtime, "auto", color)) ?? plainDisplay(runtime);
}

/** A log gets a line for what has changed, at most one in ten seconds, and one a minute where nothing has. */
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
      void tell(runtime, isGithubActions(runtime.env) ? inertLine(text) : text);
    },
    pause() {},
    resume() {},
    stop() {
      isOver = true;
    },
  };
}
