import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));

/** What the files of a room import, each as a path below src. */
function importsOf(room: string): string[] {
  return readdirSync(join(SRC, room), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => {
      const file = join(SRC, room, name);
      const imports = readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g);
      return [...imports].map(([, path = ""]) => relative(SRC, join(dirname(file), path)));
    });
}

/** The rooms of one value in, one text out, lowest first: each knows those before it. */
const FORMAT_ROOMS = ["format/text", "format/terminal", "format/reports", "format/documents"];
const BELOW_FORMAT = ["vocabulary.js", "usage-error.js", "exit-codes.js", "strings", "client", "tasks"];

describe("imports go one way", () => {
  test.each(FORMAT_ROOMS.map((room, index) => [room, FORMAT_ROOMS.slice(0, index + 1)] as const))(
    "%s knows nothing above it",
    (room, known) => {
      const allowed = [...BELOW_FORMAT, ...known];
      const paths = importsOf(room);
      expect(paths.length).toBeGreaterThan(3);
      expect(paths.filter((path) => !allowed.some((one) => path === one || path.startsWith(`${one}/`)))).toEqual([]);
    },
  );

  test.each([
    // Slow with many rows: for those whose number is this program's.
    ["cli-table3", "format/terminal/findings-view.ts"],
    ["chalk", "format/terminal/style.ts"],
    ["ora", "waiting/progress-display.ts"],
  ])("%s has one place", (library, place) => {
    const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const users = files.filter((name) =>
      new RegExp(`(?<!type .*)(?:from|import\\()\\s*"${library}"`).test(readFileSync(join(SRC, name), "utf8")),
    );
    expect(users).toEqual([place]);
  });

  test("the analysis of tasks knows no text", () => {
    expect(importsOf("tasks").filter((path) => path.startsWith("format/"))).toEqual([]);
  });
});
