import { writeSync } from "node:fs";
import { EXIT } from "../exit-codes.js";
import { UsageError } from "../usage-error.js";
import { ASK_SYNCHRONIZED, KeyReader, type TerminalInput } from "./keyboard.js";
import { Interruption, type Runtime } from "./runtime.js";

/** Events of a screen. */
export type ScreenEvent =
  | TerminalInput
  | { readonly kind: "resize" }
  /** The program was resumed after a suspend: the screen must be redrawn. */
  | { readonly kind: "resumed" }
  /** The terminal is gone. */
  | { readonly kind: "gone"; readonly reason: Error };

/** A terminal in full-screen mode, with its keyboard. */
export interface Screen {
  readonly rows: number;
  readonly columns: number;
  /** Writes one frame. */
  write(text: string): Promise<void>;
  /** Suspends the program, as Ctrl-Z does. */
  suspend(): void;
  /** Restores the terminal. */
  close(): Promise<void>;
}

const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?2004h";
const LEAVE = "\u001b[?2004l\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l";
const MOUSE_ON = "\u001b[?1000h\u001b[?1006h";
const MOUSE_OFF = "\u001b[?1006l\u001b[?1000l";

/** A lone escape becomes the key Escape after this time. */
const LONE_ESCAPE_MS = 40;
/** Longest wait for the terminal's answer to a question: an answer that comes later would be typed into the shell. */
const ANSWER_MS = 150;
/** If no shell can suspend the program, it resumes after this time. */
const UNSTOPPABLE_MS = 100;

/**
 * Takes over the terminal: raw keys, and the alternate screen. It is restored however the process ends, except by
 * SIGKILL.
 * @throws UsageError if stdin and stdout are not one terminal that can be redrawn
 */
export async function openScreen(
  runtime: Runtime,
  { mouse }: { readonly mouse: boolean },
  onEvent: (event: ScreenEvent) => void,
): Promise<Screen> {
  const { stdin, stdout, interrupt, clock } = runtime;
  interrupt.throwIfAborted();
  const { stream } = stdout;
  const keys = new KeyReader();
  const parent = process.ppid;
  let isOn = false;
  let isClosed = false;
  let heard = () => {};
  const answered = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const sentMs = clock.monotonic();

  const emit = (input: TerminalInput) => {
    if (input.kind === "synchronized") heard();
    onEvent(input);
  };
  let escapes = 0;
  const onData = (text: string) => {
    for (const input of keys.read(text)) emit(input);
    const turn = ++escapes;
    if (!keys.isPending) return;
    void clock.sleep(LONE_ESCAPE_MS).then(() => {
      if (turn === escapes && !isClosed) for (const input of keys.flush()) emit(input);
    });
  };
  const onGone = () => onEvent({ kind: "gone", reason: new Interruption("SIGHUP", EXIT.hungUp) });
  const onResize = () => onEvent({ kind: "resize" });

  const enter = (more = "") => {
    if (isOn || isClosed) return;
    isOn = true;
    setRaw(stdin, true);
    writeNow(stream, ENTER + (mouse ? MOUSE_ON : "") + more);
  };
  const leave = () => {
    if (!isOn) return;
    isOn = false;
    writeNow(stream, (mouse ? MOUSE_OFF : "") + LEAVE);
    setRaw(stdin, false);
  };
  const resume = () => {
    if (isClosed) return;
    // A shell may have changed the mode meanwhile, also where the program was stopped by a signal that it cannot see.
    leave();
    enter();
    // The window may have another size by now, and nobody told.
    process.kill(process.pid, "SIGWINCH");
    onEvent({ kind: "resumed" });
  };
  const stop = (target: number) => {
    leave();
    process.removeListener("SIGTSTP", onStop);
    process.kill(target, "SIGTSTP");
    // Here the program stands still, until SIGCONT. Where no shell is there to continue it, the signal does nothing.
    void clock.sleep(UNSTOPPABLE_MS).then(() => {
      if (isClosed) return;
      process.on("SIGTSTP", onStop);
      if (!isOn) resume();
    });
  };
  const onStop = () => stop(process.pid);

  stdin.setEncoding("utf8");
  stdin.on("data", onData);
  stdin.on("end", onGone);
  stdin.on("error", onGone);
  stdin.resume();
  stream.on("resize", onResize);
  process.on("exit", leave);
  process.on("SIGTSTP", onStop);
  process.on("SIGCONT", resume);
  interrupt.addEventListener("abort", leave, { once: true });
  enter(ASK_SYNCHRONIZED);

  return {
    get rows() {
      return stdout.rows;
    },
    get columns() {
      return stdout.columns;
    },
    write: async (text) => {
      // Whoever started the program was killed: the shell above it has the terminal back, and a prompt on it.
      if (process.ppid !== parent) onGone();
      // While the program is put aside, the terminal is the shell's.
      else if (isOn) await stdout.write(text);
    },
    // 0: all that the terminal runs in the foreground, as it does itself.
    suspend: () => stop(0),
    async close() {
      if (isClosed) return;
      const leftMs = sentMs + ANSWER_MS - clock.monotonic();
      if (isOn && leftMs > 0) await Promise.race([answered, clock.sleep(leftMs, interrupt).catch(() => {})]);
      leave();
      isClosed = true;
      stdin.removeListener("data", onData);
      stdin.removeListener("end", onGone);
      stdin.removeListener("error", onGone);
      // What is still to come of an unplugged terminal must not be thrown as uncaught.
      stdin.on("error", () => {});
      stdin.pause();
      stdin.unref?.();
      stream.removeListener("resize", onResize);
      process.removeListener("exit", leave);
      process.removeListener("SIGTSTP", onStop);
      process.removeListener("SIGCONT", resume);
      interrupt.removeEventListener("abort", leave);
    },
  };
}

/**
 * @param instead what to use without a terminal
 * @throws UsageError if there is no such terminal
 */
export function requireScreen({ stdin, stdout, env }: Runtime, command: string, instead: string): void {
  const missing = !stdout.isTerminal
    ? "stdout is not a terminal"
    : stdin.isTTY !== true
      ? "stdin is not a terminal"
      : env.TERM === "dumb" || env.TERM === undefined
        ? "this terminal cannot be redrawn (TERM)"
        : undefined;
  if (missing !== undefined) throw new UsageError(`${command} needs a terminal: ${missing}\n${instead}`);
}

function setRaw(stdin: NodeJS.ReadStream, isRaw: boolean): void {
  try {
    stdin.setRawMode?.(isRaw);
  } catch {
    // The terminal is gone.
  }
}

/** Now, and not when the stream gets to it: the process may be about to end, or to stand still. */
function writeNow(stream: NodeJS.WriteStream, text: string): void {
  try {
    writeSync((stream as NodeJS.WriteStream & { fd: number }).fd, text);
  } catch {
    // The terminal is gone.
  }
}
