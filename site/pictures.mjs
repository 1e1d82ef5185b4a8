// Draws the pictures of the documentation: what a real terminal shows of the program, as SVG.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";

const PROGRAM = fileURLToPath(new URL("../bin/tasks.js", import.meta.url));
const FOLDER = fileURLToPath(new URL("../docs/pictures/", import.meta.url));

/** @type {{ name: string, args: string[], columns: number, rows: number, shown: string, until?: RegExp, keys?: string }[]} */
const PICTURES = [
  {
    name: "top",
    args: ["--mock", "--scenario", "chaos", "--nodes", "3", "--speed", "3", "-a", "top"],
    columns: 110,
    rows: 16,
    until: /lost since/,
    shown: "tasks --all-nodes top",
    keys: "q",
  },
  {
    name: "tree",
    shown: "tasks tree e8614209",
    args: ["--mock", "tree", "e8614209-1796-4ef4-986d-19379d80e493"],
    columns: 104,
    rows: 10,
  },
];

/** The sixteen colours of a dark terminal, and what text has without one. */
const PALETTE = [
  "#3b4048",
  "#ef6b73",
  "#8ccf7e",
  "#e5c76b",
  "#67b0e8",
  "#c47fd5",
  "#6cbfbf",
  "#c9ccd1",
  "#737984",
  "#f48a91",
  "#a3dd97",
  "#f0d88a",
  "#8cc5f2",
  "#d49be2",
  "#8fd6d6",
  "#ffffff",
];
const FOREGROUND = "#d7dae0";
const BACKGROUND = "#16191f";
const CELL = { width: 8.4, height: 18 };
const MARGIN = 12;

/** What the terminal shows when the program has ended, or once it shows what is waited for. */
async function screen({ args, columns, rows, until, keys = "" }) {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cols: columns,
    rows,
    env: { ...process.env, TERM: "xterm-256color", COLORTERM: "", LC_ALL: "C.UTF-8", TASKS_CONFIG: "/nonexistent" },
  });
  const ended = new Promise((resolve) => child.onExit(resolve));
  const isThere = new Promise((resolve) => {
    child.onData((data) =>
      terminal.write(data, () => {
        const text = lines(terminal).map(textOf).join("\n");
        if (until?.test(text)) resolve(undefined);
      }),
    );
  });
  await Promise.race([
    ended.then(() => new Promise((resolve) => terminal.write("", () => resolve(undefined)))),
    isThere,
  ]);
  const shown = lines(terminal);
  if (keys === "") child.kill();
  else child.write(keys);
  await ended;
  return shown;
}

/** The cells of each line, without the empty lines at the end. */
function lines(terminal) {
  const { active } = terminal.buffer;
  const all = Array.from({ length: terminal.rows }, (_, row) => {
    const line = active.getLine(active.viewportY + row);
    return Array.from({ length: terminal.cols }, (_, column) => {
      const cell = line?.getCell(column);
      const inverse = cell?.isInverse() ? 1 : 0;
      const colour = cell?.isFgDefault() === false ? (PALETTE[cell.getFgColor()] ?? FOREGROUND) : FOREGROUND;
      const back = cell?.isBgDefault() === false ? (PALETTE[cell.getBgColor()] ?? BACKGROUND) : BACKGROUND;
      return {
        text: cell?.getChars() || " ",
        colour: inverse ? back : colour,
        back: inverse ? colour : back,
        bold: Boolean(cell?.isBold()),
        dim: Boolean(cell?.isDim()),
      };
    });
  });
  while (all.length > 1 && textOf(all.at(-1)).trim() === "") all.pop();
  return all;
}

const textOf = (cells) => cells.map(({ text }) => text).join("");

/** Cells next to each other that look alike. */
function runs(cells) {
  const all = [];
  for (const [column, cell] of cells.entries()) {
    const last = all.at(-1);
    const look = `${cell.colour} ${cell.back} ${cell.bold} ${cell.dim}`;
    if (last?.look === look) last.text += cell.text;
    else all.push({ ...cell, look, column });
  }
  return all;
}

const escaped = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

function svg(cells, { columns, shown: command }) {
  const width = columns * CELL.width + 2 * MARGIN;
  const height = (cells.length + 1) * CELL.height + 2 * MARGIN;
  const body = [];
  const write = (text, column, row, { colour = FOREGROUND, bold = false, dim = false } = {}) => {
    const trimmed = text.trimEnd();
    if (trimmed === "") return;
    const lead = trimmed.length - trimmed.trimStart().length;
    const x = (MARGIN + (column + lead) * CELL.width).toFixed(1);
    const y = MARGIN + (row + 0.75) * CELL.height;
    const style = `${bold ? ' font-weight="bold"' : ""}${dim ? ' opacity="0.65"' : ""}`;
    // Of spaces, SVG keeps one.
    const shown = trimmed.trimStart().replaceAll(" ", "\u00a0");
    const length = ([...shown].length * CELL.width).toFixed(1);
    body.push(
      `<text x="${x}" y="${y}" fill="${colour}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${style}>${escaped(shown)}</text>`,
    );
  };
  write(`$ ${command}`, 0, 0, { dim: true });
  for (const [index, line] of cells.entries()) {
    for (const run of runs(line)) {
      const row = index + 1;
      if (run.back !== BACKGROUND) {
        const x = (MARGIN + run.column * CELL.width).toFixed(1);
        const wide = ([...run.text].length * CELL.width).toFixed(1);
        const y = MARGIN + row * CELL.height;
        body.push(`<rect x="${x}" y="${y}" width="${wide}" height="${CELL.height}" fill="${run.back}"/>`);
      }
      write(run.text, run.column, row, run);
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width.toFixed(0)} ${height}" width="${width.toFixed(0)}" height="${height}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">
<title>${escaped(command)}</title>
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
${body.join("\n")}
</svg>
`;
}

mkdirSync(FOLDER, { recursive: true });
for (const picture of PICTURES) {
  writeFileSync(`${FOLDER}${picture.name}.svg`, svg(await screen(picture), picture));
}
