import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));
const FILES = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

/** What a file imports, as paths below src. */
function importsOf(name: string): string[] {
  const file = join(SRC, name);
  const imports = readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g);
  return [...imports].map(([, path = ""]) => relative(SRC, join(dirname(file), path)).replace(/\.js$/, ".ts"));
}

/** The folders of docs/architecture.md, lowest first, with the row of each. */
const ROWS = new Map(
  [...readFileSync("docs/architecture.md", "utf8").matchAll(/^\| ((?:`[\w./-]+`(?:, )?)+) \|/gm)].flatMap(
    ([, names = ""], row) =>
      [...names.matchAll(/`(?:src\/)?([\w.-]+)\/?`/g)].map(([, name = ""]) => [name, row] as const),
  ),
);

const folderOf = (path: string) => path.split("/")[0] as string;

test("every folder is in docs/architecture.md", () => {
  const folders = new Set([...FILES.map(folderOf)].filter((name) => name !== ".."));
  expect([...folders].filter((name) => !ROWS.has(name))).toEqual([]);
});

test("a file imports only from its own folder and from lower ones", () => {
  const upward = FILES.flatMap((name) =>
    importsOf(name)
      .filter((path) => !path.startsWith("..") && folderOf(path) !== folderOf(name))
      .filter((path) => Number(ROWS.get(folderOf(path))) > Number(ROWS.get(folderOf(name))))
      .map((path) => `${name} -> ${path}`),
  );
  expect(upward).toEqual([]);
});

describe("within src/format", () => {
  const LOWEST_FIRST = ["format/text", "format/terminal", "format/reports", "format/documents"];

  test.each(LOWEST_FIRST.map((folder, index) => [folder, LOWEST_FIRST.slice(index + 1)] as const))(
    "%s knows nothing above it",
    (folder, above) => {
      const files = FILES.filter((name) => name.startsWith(`${folder}/`));
      expect(files.length).toBeGreaterThan(3);
      const imports = files.flatMap(importsOf);
      expect(imports.filter((path) => above.some((one) => path.startsWith(`${one}/`)))).toEqual([]);
    },
  );
});

test.each([
  // Slow with many rows: for those whose number is this program's.
  ["cli-table3", "format/terminal/findings-view.ts"],
  ["chalk", "format/terminal/style.ts"],
  ["ora", "waiting/progress-display.ts"],
])("%s has one place", (library, place) => {
  const users = FILES.filter((name) =>
    new RegExp(`(?<!type .*)(?:from|import\\()\\s*"${library}"`).test(readFileSync(join(SRC, name), "utf8")),
  );
  expect(users).toEqual([place]);
});
