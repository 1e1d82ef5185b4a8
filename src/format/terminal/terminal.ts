/** Properties of the output that a layout depends on. */
export interface Terminal {
  /** Width and height in cells. */
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  /** Whether it can show characters beyond ASCII. */
  readonly unicode: boolean;
  /** Whether the cursor can be moved, to draw over earlier output. */
  readonly canRedraw: boolean;
}

export const COLOR_MODES = ["auto", "always", "never"] as const;
export type ColorMode = (typeof COLOR_MODES)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Decides on size, colours, characters and cursor, all in one place.
 * @param width the width that the user asked for, in cells
 */
export function describeTerminal(
  stream: { readonly isTerminal: boolean; readonly columns: number; readonly rows: number },
  env: Environment,
  colorMode: ColorMode,
  width?: number,
): Terminal {
  const isDumb = env.TERM === "dumb";
  return {
    columns: width ?? (stream.isTerminal ? stream.columns : columnsOf(env)),
    rows: stream.rows,
    color: wantsColor(stream.isTerminal && !isDumb, env, colorMode),
    unicode: !isDumb && speaksUnicode(env),
    canRedraw: stream.isTerminal && !isDumb,
  };
}

/**
 * The option wins over the environment, and FORCE_COLOR over NO_COLOR, as in Node. Empty variables do not count (no-color.org).
 */
function wantsColor(isCapable: boolean, env: Environment, mode: ColorMode): boolean {
  if (mode !== "auto") return mode === "always";
  const { FORCE_COLOR: force = "", NO_COLOR: no = "" } = env;
  if (force !== "") return force !== "0" && force !== "false";
  return no === "" && isCapable;
}

/** POSIX: COLUMNS is the width to use, if it is a number above 0. A pipe has no width of its own. */
function columnsOf({ COLUMNS = "" }: Environment): number {
  return /^0*[1-9]\d{0,5}$/.test(COLUMNS) ? Number(COLUMNS) : 80;
}

/** POSIX: the first of the three that is set and not empty determines the encoding. The Windows Terminal sets no locale. */
export function speaksUnicode(env: Environment): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  return /utf-?8/i.test(locale) || env.WT_SESSION !== undefined;
}
