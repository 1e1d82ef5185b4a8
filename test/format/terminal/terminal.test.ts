import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellWidth, cutCells, wrapCells } from "../../../src/format/terminal/cell-width.js";
import { fitColumns } from "../../../src/format/terminal/fit-columns.js";
import { Frames } from "../../../src/format/terminal/frames.js";
import { type ColorMode, describeTerminal, type Environment } from "../../../src/format/terminal/terminal.js";
import { printable } from "../../../src/strings/printable.js";
import { Terminal } from "../../fixtures/views.js";

const UTF8 = { LANG: "C.UTF-8", TERM: "xterm" };
const stream = (isTerminal: boolean) => ({ isTerminal, columns: 80, rows: 24 });

test.each<[boolean, string, Environment, ColorMode, boolean]>([
  [true, "a terminal", UTF8, "auto", true],
  [false, "a pipe", UTF8, "auto", false],
  [true, "TERM=dumb", { TERM: "dumb" }, "auto", false],
  [true, "NO_COLOR", { ...UTF8, NO_COLOR: "1" }, "auto", false],
  [true, "an empty NO_COLOR", { ...UTF8, NO_COLOR: "" }, "auto", true],
  [true, "FORCE_COLOR over NO_COLOR", { ...UTF8, NO_COLOR: "1", FORCE_COLOR: "1" }, "auto", true],
  [true, "FORCE_COLOR over TERM=dumb", { TERM: "dumb", FORCE_COLOR: "1" }, "auto", true],
  [true, "FORCE_COLOR=0", { ...UTF8, FORCE_COLOR: "0" }, "auto", false],
  [true, "--color never over FORCE_COLOR", { ...UTF8, FORCE_COLOR: "1" }, "never", false],
  [false, "--color always over NO_COLOR and a pipe", { ...UTF8, NO_COLOR: "1" }, "always", true],
])("colours: isTerminal %s, %s", (isTerminal, _name, env, mode, expected) => {
  expect(describeTerminal(stream(isTerminal), env, mode).color).toBe(expected);
});

test.each<[Environment, boolean]>([
  [{ LANG: "de_DE.utf8" }, true],
  [{ LC_CTYPE: "en_US.UTF-8", LANG: "C" }, true],
  [{ LC_ALL: "C", LANG: "en_US.UTF-8" }, false],
  [{ LC_ALL: "", LANG: "en_US.UTF-8" }, true],
  [{ LANG: "de_DE.ISO-8859-1" }, false],
  [{}, false],
  [{ LANG: "C.UTF-8", TERM: "dumb" }, false],
  [{ WT_SESSION: "1" }, true],
])("characters beyond ASCII: %j", (env, expected) => {
  expect(describeTerminal(stream(true), env, "auto").unicode).toBe(expected);
});

test.each([
  ["\u034f\u115f\u3164\ufff3", "\\u034f\\u115f\\u3164\\ufff3"],
  ["a\u{e0041}b", "a\\u{e0041}b"],
  ["❤\ufe0f\u{1bca0}\u{1d173}", "❤\\ufe0f\\u{1bca0}\\u{1d173}"],
  ["bücher 在庫 🚚", "bücher 在庫 🚚"],
])("what is invisible is shown escaped: %j", (text, expected) => {
  expect(printable(text)).toBe(expected);
});

describe("cells", () => {
  test.each<[string, number]>([
    ["abc", 3],
    ["在庫", 4],
    ["🚚 x", 4],
    ["e\u0301te", 3],
    ["हिन्दी", 5],
    ["\u1112\u1161\u11ab", 2],
    ["ｱ", 1],
  ])("%s takes %i, as a terminal counts them too", async (text, cells) => {
    expect(cellWidth(text)).toBe(cells);
    const terminal = new Terminal(20, 2);
    await terminal.write(`${text}|`);
    expect(terminal.lines[0]?.replace("|", "")).toBe(text);
  });

  test("a cut never splits a wide character or exceeds the width", () => {
    expect(cutCells("在庫管理", 5, "…")).toBe("在庫…");
    expect(cutCells("在庫管理", 4, "…")).toBe("在…");
    expect(cutCells("abcdef", 3, "~")).toBe("ab~");
    expect(cutCells("abc", 3, "~")).toBe("abc");
    expect(cutCells("abc", 0, "~")).toBe("");
  });

  test("lines break at spaces, and words only if they must", () => {
    expect(wrapCells("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapCells("abcdefgh ij", 3)).toEqual(["abc", "def", "gh", "ij"]);
    expect(wrapCells("在庫管理", 3)).toEqual(["在", "庫", "管", "理"]);
    expect(wrapCells("", 10)).toEqual([""]);
  });
});

describe("columns", () => {
  const natural = new Map([
    ["id", 10],
    ["type", 20],
    ["kind", 4],
  ]);
  const steps = [{ column: "type", shortenTo: 8 }, { column: "kind" }, { column: "type" }];

  test.each<[number, Record<string, number>]>([
    [38, { id: 10, type: 20, kind: 4 }],
    [30, { id: 10, type: 12, kind: 4 }],
    [25, { id: 10, type: 13 }],
    [20, { id: 10, type: 8 }],
    [12, { id: 10 }],
    [5, { id: 10 }],
  ])("in %i cells one step after the other, and no more than it takes", (available, expected) => {
    expect(Object.fromEntries(fitColumns(natural, available, steps))).toEqual(expected);
  });

  test("a column that is only useful whole or short is shortened in one step", () => {
    expect(fitColumns(natural, 37, [{ column: "type", shortenTo: 1, isAtOnce: true }]).get("type")).toBe(1);
  });
});

test("a line of a frame is cleared before it is written: behind its end, some terminals erase its last character", () => {
  expect(new Frames().draw("full\n", { rows: 5, columns: 20 }, false, String)).toContain("\u001b[Kfull\n");
});

test("frames are drawn over each other, and all but the last are cut to the terminal", async () => {
  const frames = new Frames();
  const terminal = new Terminal(20, 5);
  const more = (lines: number) => `${lines} more`;
  const draw = async (text: string, isLast = false) =>
    terminal.write(frames.draw(text, { rows: 5, columns: 20 }, isLast, more).replaceAll("\n", "\r\n"));
  await terminal.write("before\r\n");
  await draw("one\ntwo longer\nthree\n");
  await draw("ONE\nTWO\n");
  expect(terminal.lines).toEqual(["before", "ONE", "TWO"]);
  await draw("1\n2\n3\n4\n5\n6\n");
  expect(terminal.lines).toEqual(["before", "1", "2", "3", "3 more"]);
  await draw("1\n2\n3\n4\n5\n6\n", true);
  expect(terminal.lines).toEqual(["before", "1", "2", "3", "4", "5", "6"]);
});

describe("a frame writes only what changed", () => {
  const size = { rows: 10, columns: 20 };
  const drawn = (frames: Frames, text: string, columns = 20) => frames.draw(text, { ...size, columns }, false, String);
  const written = (text: string) =>
    text
      .split("\u001b[K")
      .slice(1)
      .map((piece) => piece.slice(0, piece.indexOf("\n")));

  test("a changed line, and never the whole screen", () => {
    const frames = new Frames();
    drawn(frames, "one\ntwo\nthree\nfour\n");
    const second = drawn(frames, "one\nTWO\nthree\nFOUR\n");
    expect(written(second)).toEqual(["TWO", "FOUR"]);
    for (const clear of ["J", "2J", "3J"]) expect(second).not.toContain(`\u001b[${clear}`);
    expect(drawn(frames, "one\nTWO\nthree\nFOUR\n")).toBe("");
  });

  test("every line if the width of the terminal changed", () => {
    const frames = new Frames();
    drawn(frames, "one\ntwo\n");
    expect(written(drawn(frames, "one\ntwo\n", 30))).toEqual(["one", "two"]);
  });

  test("whatever changed, the terminal shows the last text, below what was there before", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom("a", "bb", "ccc", "dddd"), { minLength: 1, maxLength: 8 }), { minLength: 1 }),
        async (texts) => {
          const frames = new Frames();
          const terminal = new Terminal(size.columns, size.rows);
          await terminal.write("before\r\n");
          for (const lines of texts) {
            await terminal.write(drawn(frames, `${lines.join("\n")}\n`).replaceAll("\n", "\r\n"));
          }
          expect(terminal.lines).toEqual(["before", ...(texts.at(-1) ?? [])]);
        },
      ),
      { numRuns: 60 },
    ));
});
