import type { Context } from "../context.js";

/** Where the progress of a wait is shown: always stderr, so that stdout stays the result's. */
export interface ProgressDisplay {
  /** Time between two looks at the task, in milliseconds. */
  readonly intervalMs: number;
  /** Cells that a text may take. */
  readonly columns: number;
  /** Whether more than ASCII may be shown. */
  readonly unicode: boolean;
  /** @param figures what must have changed for a log to be worth another line; the text may hold more, such as the time */
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
/** Of a line in a log. */
const PLAIN_COLUMNS = 200;

/**
 * A spinner on a terminal; lines, at most one in ten seconds, for logs where they are asked for; nothing elsewhere, so that the
 * requests stay those of nodetool.
 */
export async function openProgressDisplay(context: Context, mode: ProgressMode): Promise<ProgressDisplay | undefined> {
  const { stderr } = context;
  if (mode === "plain") {
    let shown = "";
    let shownAtMs = Number.NEGATIVE_INFINITY;
    return {
      intervalMs: PLAIN_INTERVAL_MS,
      columns: PLAIN_COLUMNS,
      unicode: false,
      show(text, figures) {
        const nowMs = context.clock.monotonic();
        if (figures === shown || nowMs - shownAtMs < PLAIN_INTERVAL_MS) return;
        shown = figures;
        shownAtMs = nowMs;
        stderr.write(`${text}\n`).catch(() => {});
      },
      pause() {},
      resume() {},
      stop() {},
    };
  }
  if (mode === "none" || !stderr.isTerminal || context.env.TERM === "dumb") return undefined;
  const { default: ora } = await import("ora");
  // Left alone, ora reads stdin and waits for it.
  const spinner = ora({ stream: stderr.stream, text: "waiting", discardStdin: false }).start();
  return {
    intervalMs: TERMINAL_INTERVAL_MS,
    // The spinner and the space behind it.
    columns: stderr.columns - 3,
    unicode: isUnicodeLocale(context.env),
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

function isUnicodeLocale(env: Context["env"]): boolean {
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || "");
}
