import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FullScreen } from "../../../src/format/terminal/full-screen.js";
import { Terminal } from "../../fixtures/views.js";

const SIZE = { rows: 4, columns: 10 };
const row = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b", " "), maxLength: 10 }),
  fc.constantFrom("0123456789", "\u001b[31mred\u001b[39m", "在庫在庫在", ""),
);

const withoutColours = (line: string) => line.replaceAll("\u001b[31m", "").replaceAll("\u001b[39m", "");

describe("frames over the whole of a terminal", () => {
  test("after any sequence of frames, the terminal shows the last, and nothing was cleared", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(row, { maxLength: 4 }), { minLength: 1, maxLength: 5 }), async (frames) => {
        const screen = new FullScreen();
        const terminal = new Terminal(SIZE.columns, SIZE.rows);
        await terminal.write("\u001b[?7lleft over\r\nfrom before");
        for (const frame of frames) {
          const text = screen.draw(frame, SIZE, false);
          expect(["\u001b[J", "\u001b[2J", "\n"].filter((clear) => text.includes(clear))).toEqual([]);
          await terminal.write(text);
        }
        const last = (frames.at(-1) as string[]).map((line) => withoutColours(line).trimEnd());
        const expected = last.slice(0, last.findLastIndex((line) => line !== "") + 1);
        expect(terminal.lines.map((line) => line.trimEnd()).slice(0, expected.length)).toEqual(expected);
        expect(terminal.lines.slice(expected.length).join("").trim()).toBe("");
      }),
      { numRuns: 40 },
    );
  });

  test("an unchanged frame writes nothing, and a changed one only its rows", () => {
    const screen = new FullScreen();
    screen.draw(["one", "two", "three"], SIZE, false);
    expect(screen.draw(["one", "two", "three"], SIZE, true)).toBe("");
    expect(screen.draw(["one", "2", "three"], SIZE, false)).toBe("\u001b[2;1H2\u001b[K");
    expect(screen.draw(["one", "0123456789", "three"], SIZE, true)).toBe(
      "\u001b[?2026h\u001b[2;1H0123456789\u001b[?2026l",
    );
  });

  test("after a change of size, and after forget(), everything is drawn again", () => {
    const screen = new FullScreen();
    screen.draw(["one"], SIZE, false);
    expect(screen.draw(["one"], { ...SIZE, columns: 9 }, false)).toContain("one");
    expect(screen.draw(["one"], { ...SIZE, columns: 9 }, false)).toBe("");
    screen.forget();
    expect(screen.draw(["one"], { ...SIZE, columns: 9 }, false)).toContain("\u001b[4;1H");
  });
});
