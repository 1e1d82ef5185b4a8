import { cutCells } from "../format/terminal/cell-width.js";
import type { Style } from "../format/terminal/style.js";

const KEYS: readonly (readonly [string, string])[] = [
  ["up, down, k, j", "choose the task above, below"],
  ["PgUp, PgDn", "a page up, down"],
  ["Home, End, g, G", "the first task, the last"],
  ["enter", "the tree of the chosen task, kept up to date; esc goes back"],
  ["e", "explain why it failed"],
  ["t", "its timeline: when each part ran, and what took so long"],
  ["/", "show only tasks with these words; !word for those without it; esc shows all"],
  ["s", "sort by age, progress, time to go, type, place; running tasks come first"],
  ["n", "by node, and back"],
  ["m", "by module, and back"],
  ["a", "abort the chosen task; asks first"],
  ["w", "ring when the chosen task has ended; again for not"],
  ["y", "copy the id of the chosen task to the clipboard (OSC 52)"],
  ["p", "pause, and go on"],
  ["Ctrl-L", "draw the screen anew"],
  ["Ctrl-Z", "put aside; fg brings it back"],
  ["?", "this page"],
  ["q", "quit"],
];

const MARKS: readonly (readonly [string, string])[] = [
  ["!", "stalled: no progress for longer than --stalled-for"],
  ["w", "rings when it has ended"],
];

const ESTIMATES: readonly (readonly [string, string])[] = [
  ["4m12s", "at the rate of the last half minute"],
  ["~2-5min", "not measured: what earlier runs took, as a journal tells of them"],
  ["~late", "it takes longer than most earlier runs"],
];

export function helpLines(columns: number, style: Style, mayAbort: boolean): string[] {
  const keys = KEYS.filter(([key]) => key !== "a" || mayAbort);
  const width = columns >= 60 ? 17 : 9;
  const line = ([key, what]: readonly [string, string]) =>
    cutCells(`  ${key.padEnd(width)} ${what}`, columns, style.glyphs.ellipsis);
  return [
    ...keys.map(line),
    "",
    style.paint("title", "in front of a task"),
    ...MARKS.map(line),
    "",
    style.paint("title", "time to go"),
    ...ESTIMATES.map(line),
  ];
}
