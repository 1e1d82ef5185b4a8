import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyReader, type TerminalInput } from "../../src/runtime/keyboard.js";

const ESC = "\u001b";

/** What the pieces of a terminal's input come to, in short. */
function read(...pieces: string[]): string[] {
  const reader = new KeyReader();
  return [...pieces.flatMap((piece) => reader.read(piece)), ...reader.flush()].map(short);
}

function short(input: TerminalInput): string {
  if (input.kind === "key") return input.name;
  if (input.kind === "synchronized") return `synchronized ${input.isKnown}`;
  if (input.kind === "mouse") return `${input.action} ${input.row} ${input.column}`;
  return `${input.kind} ${input.text}`;
}

describe("keys", () => {
  test.each<[string, string[]]>([
    ["q", ["character q"]],
    ["é在🚚", ["character é", "character 在", "character 🚚"]],
    ["\r", ["enter"]],
    ["\u007f\u0008", ["backspace", "backspace"]],
    ["\u0003\u001a", ["ctrl-c", "ctrl-z"]],
    [`${ESC}[A${ESC}[B${ESC}OA${ESC}OB`, ["up", "down", "up", "down"]],
    [`${ESC}[5~${ESC}[6~${ESC}[H${ESC}[F${ESC}[1~${ESC}[4~`, ["page-up", "page-down", "home", "end", "home", "end"]],
    [`${ESC}[1;5A`, ["up"]],
    [ESC, ["escape"]],
    [`${ESC}${ESC}`, ["escape", "escape"]],
    [`${ESC}q`, ["escape", "character q"]],
    [`${ESC}[200~rm -rf /\r\u0003${ESC}[201~q`, ["paste rm -rf /  ", "character q"]],
    [`${ESC}[?2026;2$y`, ["synchronized true"]],
    [`${ESC}[?2026;0$y`, ["synchronized false"]],
    [`${ESC}[?2004;1$y${ESC}[?62;22c`, []],
    [`${ESC}]11;rgb:0000/0000/0000\u0007${ESC}P1$r0m${ESC}\\j`, ["character j"]],
    [`${ESC}[<0;3;5M${ESC}[<0;3;5m${ESC}[<64;1;1M${ESC}[<65;1;1M`, ["press 4 2", "wheel-up 0 0", "wheel-down 0 0"]],
    [`${ESC}[12345678R\u0000\u0001`, []],
  ])("%j", (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test("come to the same however they are cut into pieces", () => {
    const text = `q${ESC}[A${ESC}[200~a b${ESC}[201~é🚚${ESC}[?2026;1$y${ESC}[<0;3;5Mz`;
    const whole = read(text);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: [...text].length }), { maxLength: 6 }), (cuts) => {
        const characters = [...text];
        const places = [0, ...[...cuts].sort((a, b) => a - b), characters.length];
        const pieces = places.slice(1).map((end, index) => characters.slice(places[index], end).join(""));
        expect(read(...pieces)).toEqual(whole);
      }),
    );
  });

  test("whatever comes, no memory is kept of it, and nothing but keys comes out", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary", maxLength: 50 }), { maxLength: 20 }), (pieces) => {
        const reader = new KeyReader();
        for (const input of pieces.flatMap((piece) => reader.read(piece))) {
          if (input.kind === "character") expect(input.text).not.toMatch(/[\p{Cc}]/u);
        }
        reader.flush();
        reader.flush();
        expect(reader.isPending && !pieces.join("").includes("[200~")).toBe(false);
      }),
    );
    const endless = new KeyReader();
    for (let piece = 0; piece < 100; piece++) endless.read(`${ESC}[${"1;".repeat(100)}`);
    expect(endless.read("q")).not.toEqual([]);
  });
});
