import { Chalk } from "chalk";
import { ascii, printable } from "../../strings/printable.js";
import type { Terminal } from "./terminal.js";

type ChalkInstance = InstanceType<typeof Chalk>;

/** The meaning of a piece of text, which determines its colour. */
export type Role = "quiet" | "title" | "error" | "failurePath" | "mark" | "bar" | "critical" | `state:${string}`;

/** Characters for drawing. `heavy` ones lead to a failure. */
interface Glyphs {
  readonly ellipsis: string;
  readonly branch: string;
  readonly lastBranch: string;
  readonly line: string;
  /** A branch that does not lead to a failure, above one that does. */
  readonly branchBesideHeavy: string;
  readonly heavyBranch: string;
  /** A branch that leads to a failure, above ones that do not. */
  readonly heavyBranchAboveLight: string;
  readonly heavyLastBranch: string;
  readonly heavyLine: string;
  readonly arrow: string;
  /** The characters of a bar over time. */
  readonly timeline: {
    readonly nothing: string;
    readonly open: string;
    readonly busy: string;
    readonly critical: string;
    readonly axis: string;
    readonly tick: string;
  };
  readonly states: Readonly<Record<string, string>>;
  readonly otherState: string;
}

const UNICODE: Glyphs = {
  ellipsis: "…",
  branch: "├─ ",
  lastBranch: "└─ ",
  line: "│  ",
  branchBesideHeavy: "┠─ ",
  heavyBranch: "┣━ ",
  heavyBranchAboveLight: "┡━ ",
  heavyLastBranch: "┗━ ",
  heavyLine: "┃  ",
  arrow: "›",
  timeline: { nothing: " ", open: "─", busy: "▒", critical: "█", axis: "─", tick: "┬" },
  states: { created: "○", running: "▶", done: "✔", failed: "✘", suspended: "◫", gone: "∅", unreachable: "?" },
  otherState: "•",
};

const ASCII: Glyphs = {
  ellipsis: "~",
  branch: "|- ",
  lastBranch: "`- ",
  line: "|  ",
  branchBesideHeavy: "#- ",
  heavyBranch: "#= ",
  heavyBranchAboveLight: "#= ",
  heavyLastBranch: "#= ",
  heavyLine: "#  ",
  arrow: ">",
  timeline: { nothing: " ", open: "-", busy: "=", critical: "#", axis: "-", tick: "+" },
  states: { created: ".", running: ">", done: "+", failed: "X", suspended: "=", gone: "-", unreachable: "?" },
  otherState: "*",
};

/**
 * Colours that colour-blind people can tell apart, too: no two states differ only by red and green, and each state also has a glyph
 * and its word.
 */
const PAINTS: Readonly<Record<string, (chalk: ChalkInstance) => ChalkInstance>> = {
  quiet: (chalk) => chalk.dim,
  title: (chalk) => chalk.bold,
  error: (chalk) => chalk.red,
  failurePath: (chalk) => chalk.red.bold,
  mark: (chalk) => chalk.inverse,
  bar: (chalk) => chalk.cyan,
  critical: (chalk) => chalk.yellow.bold,
  "state:created": (chalk) => chalk.dim,
  "state:running": (chalk) => chalk.yellow,
  "state:done": (chalk) => chalk.cyan,
  "state:failed": (chalk) => chalk.red.bold,
  "state:suspended": (chalk) => chalk.magenta,
  "state:gone": (chalk) => chalk.dim,
  "state:unreachable": (chalk) => chalk.magenta,
};

/** How a terminal shows things. */
export interface Style {
  readonly unicode: boolean;
  readonly glyphs: Glyphs;
  paint(role: Role, text: string): string;
  /** A server's text, printable: it cannot control the terminal, and has only characters that the terminal's encoding can show. */
  text(value: string): string;
  /** The glyph of a state, even of an unknown one. */
  stateGlyph(state: string): string;
}

export function styleFor({ color, unicode }: Pick<Terminal, "color" | "unicode">): Style {
  const glyphs = unicode ? UNICODE : ASCII;
  const text = unicode ? printable : ascii;
  const stateGlyph = (state: string) =>
    Object.hasOwn(glyphs.states, state) ? (glyphs.states[state] as string) : glyphs.otherState;
  if (!color) return { unicode, glyphs, paint: (_role, plain) => plain, text, stateGlyph };
  // The sixteen colours come from the terminal's palette, which its user can read.
  const chalk = new Chalk({ level: 1 });
  const paints = new Map(Object.entries(PAINTS).map(([role, choose]) => [role, choose(chalk)]));
  return { unicode, glyphs, paint: (role, plain) => paints.get(role)?.(plain) ?? plain, text, stateGlyph };
}
