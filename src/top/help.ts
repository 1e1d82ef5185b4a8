import { cutCells } from "../format/terminal/cell-width.js";
import type { Style } from "../format/terminal/style.js";

const KEYS: readonly (readonly [string, string])[] = [
  ["up, down, k, j", "select the task above, below"],
  ["PgUp, PgDn", "one page up, down"],
  ["Home, End, g, G", "first, last task"],
  ["enter", "show the live tree of the selected task; esc goes back"],
  ["e", "explain why it failed"],
  ["t", "show its timeline: when each part ran, what took the time"],
  ["/", "filter by words; !word excludes; esc shows all"],
  ["s", "sort by age, progress, eta, type, place"],
  ["n", "group by node, and back"],
  ["m", "group by module, and back"],
  ["a", "abort the selected task, after confirmation"],
  ["w", "ring the bell when the selected task ends, or no longer"],
  ["y", "copy the id of the selected task to the clipboard (OSC 52)"],
  ["p", "pause, resume"],
  ["Ctrl-L", "redraw the screen"],
  ["Ctrl-Z", "suspend; fg resumes"],
  ["?", "show this help"],
  ["q", "quit"],
];

const MARKS: readonly (readonly [string, string])[] = [
  ["!", "stalled: no progress for longer than --stalled-for"],
  ["w", "rings when it ends"],
];

const ESTIMATES: readonly (readonly [string, string])[] = [
  ["4m12s", "at the rate of the last 30 seconds"],
  ["~2-5min", "estimated from earlier runs in a journal"],
  ["~late", "takes longer than most earlier runs"],
];

export function helpLines(columns: number, style: Style, mayAbort: boolean): string[] {
  const keys = KEYS.filter(([key]) => key !== "a" || mayAbort);
  const width = columns >= 60 ? 17 : 9;
  const line = ([key, what]: readonly [string, string]) =>
    cutCells(`  ${key.padEnd(width)} ${what}`, columns, style.glyphs.ellipsis);
  return [
    ...keys.map(line),
    "",
    style.paint("title", "marks in front of a task"),
    ...MARKS.map(line),
    "",
    style.paint("title", "eta"),
    ...ESTIMATES.map(line),
  ];
}
