/** A key that is no character. */
type KeyName =
  | "up"
  | "down"
  | "left"
  | "right"
  | "page-up"
  | "page-down"
  | "home"
  | "end"
  | "enter"
  | "escape"
  | "backspace"
  | "delete"
  | "tab"
  | "ctrl-c"
  | "ctrl-d"
  | "ctrl-l"
  | "ctrl-u"
  | "ctrl-z";

/** What comes from a terminal in raw mode. */
export type TerminalInput =
  | { readonly kind: "key"; readonly name: KeyName }
  | { readonly kind: "character"; readonly text: string }
  /** Pasted text, which is not meant as keys. */
  | { readonly kind: "paste"; readonly text: string }
  /** Row and column from 0. */
  | {
      readonly kind: "mouse";
      readonly action: "press" | "wheel-up" | "wheel-down";
      readonly row: number;
      readonly column: number;
    }
  /** The terminal's answer to {@link ASK_SYNCHRONIZED}. */
  | { readonly kind: "synchronized"; readonly isKnown: boolean };

/** DECRQM of mode 2026, synchronized output. Terminals that know no such question ignore it. */
export const ASK_SYNCHRONIZED = "\u001b[?2026$p";

const CONTROL_KEYS = new Map<string, KeyName>([
  ["\r", "enter"],
  ["\n", "enter"],
  ["\t", "tab"],
  ["\u0003", "ctrl-c"],
  ["\u0004", "ctrl-d"],
  ["\u0008", "backspace"],
  ["\u000c", "ctrl-l"],
  ["\u0015", "ctrl-u"],
  ["\u001a", "ctrl-z"],
  ["\u007f", "backspace"],
]);

const SEQUENCE_KEYS = new Map<string, KeyName>([
  ["A", "up"],
  ["B", "down"],
  ["C", "right"],
  ["D", "left"],
  ["H", "home"],
  ["F", "end"],
  ["1~", "home"],
  ["3~", "delete"],
  ["4~", "end"],
  ["5~", "page-up"],
  ["6~", "page-down"],
  ["7~", "home"],
  ["8~", "end"],
]);

const ESCAPE = "\u001b";
const PASTE_BEGINS = `${ESCAPE}[200~`;
const PASTE_ENDS = `${ESCAPE}[201~`;
/** Longer than any key or answer of a terminal; such input is dropped. */
const LONGEST_SEQUENCE = 64;
const MOST_OF_A_PASTE = 10_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal sends
const CSI = /^\u001b\[([0-?]*)([ -/]*)([@-~])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal sends
const STRING = /^\u001b[\]P_^X][^\u0007\u001b]*(?:\u0007|\u001b\\)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal sends
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** Parses the input of a terminal into keys, however it is split. */
export class KeyReader {
  #rest = "";

  /** Whether there is an escape that may be a key, or the start of one. */
  get isPending(): boolean {
    return this.#rest !== "";
  }

  read(text: string): TerminalInput[] {
    const inputs: TerminalInput[] = [];
    let rest = this.#rest + text;
    while (rest !== "") {
      const taken = takeOne(rest, inputs);
      if (taken === 0) break;
      rest = rest.slice(taken);
    }
    this.#rest = rest;
    return inputs;
  }

  /** Ends the pending input: a lone escape is the key Escape. */
  flush(): TerminalInput[] {
    const isEscape = this.#rest === ESCAPE;
    // A long paste comes in pieces.
    if (!this.#rest.startsWith(PASTE_BEGINS)) this.#rest = "";
    return isEscape ? [{ kind: "key", name: "escape" }] : [];
  }
}

/** @returns the length of one input in code units; 0 if more is needed */
function takeOne(text: string, inputs: TerminalInput[]): number {
  if (text[0] !== ESCAPE) {
    const character = String.fromCodePoint(text.codePointAt(0) as number);
    const key = CONTROL_KEYS.get(character);
    if (key !== undefined) inputs.push({ kind: "key", name: key });
    else if (character.replace(CONTROL, "") !== "") inputs.push({ kind: "character", text: character });
    return character.length;
  }
  if (text.startsWith(PASTE_BEGINS)) return takePaste(text, inputs);
  const csi = CSI.exec(text);
  if (csi !== null) {
    const [all, parameters = "", between = "", final = ""] = csi;
    const input = inputOf(parameters, between, final);
    if (input !== undefined) inputs.push(input);
    return all.length;
  }
  const string = STRING.exec(text);
  if (string !== null) return string[0].length;
  const application = /^.O([A-Z])/s.exec(text);
  if (application !== null) {
    const key = SEQUENCE_KEYS.get(application[1] as string);
    if (key !== undefined) inputs.push({ kind: "key", name: key });
    return 3;
  }
  if (text.length === 1 || /^.[[\]OP_^X]/s.test(text)) return text.length > LONGEST_SEQUENCE ? text.length : 0;
  // Escape followed at once by another key, which is also what Alt sends: here it means both keys, one after the
  // other.
  inputs.push({ kind: "key", name: "escape" });
  return 1;
}

function takePaste(text: string, inputs: TerminalInput[]): number {
  const end = text.indexOf(PASTE_ENDS);
  if (end === -1 && text.length < MOST_OF_A_PASTE) return 0;
  const pasted = text.slice(PASTE_BEGINS.length, end === -1 ? undefined : end);
  inputs.push({ kind: "paste", text: pasted.replace(CONTROL, " ") });
  return end === -1 ? text.length : end + PASTE_ENDS.length;
}

function inputOf(parameters: string, between: string, final: string): TerminalInput | undefined {
  if (final === "y" && between === "$") {
    const [, mode, state] = /^\?(\d+);(\d+)$/.exec(parameters) ?? [];
    // 0: not known; 4: it can never be set.
    return mode === "2026" ? { kind: "synchronized", isKnown: /^[123]$/.test(state as string) } : undefined;
  }
  if (parameters.startsWith("<")) return mouseInput(parameters.slice(1), final);
  // `1;5A` is an arrow with Ctrl: it moves as one without.
  const [first = "", modifier] = parameters.split(";");
  const name = SEQUENCE_KEYS.get(final === "~" ? `${first}~` : final);
  return name === undefined || (final !== "~" && modifier === undefined && first !== "")
    ? undefined
    : { kind: "key", name };
}

const MOUSE_ACTIONS = new Map<string, "press" | "wheel-up" | "wheel-down">([
  ["0", "press"],
  ["64", "wheel-up"],
  ["65", "wheel-down"],
]);

function mouseInput(parameters: string, final: string): TerminalInput | undefined {
  const [button = "", column = "", row = ""] = parameters.split(";");
  const action = MOUSE_ACTIONS.get(button);
  if (action === undefined || final !== "M" || !/^\d+$/.test(column) || !/^\d+$/.test(row)) return undefined;
  return { kind: "mouse", action, row: Number(row) - 1, column: Number(column) - 1 };
}
