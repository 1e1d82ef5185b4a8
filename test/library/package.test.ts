import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const ROOT = new URL("../../", import.meta.url);
const { name, exports } = createRequire(import.meta.url)("../../package.json") as {
  readonly name: string;
  readonly exports: Readonly<
    Record<string, string | Readonly<Record<"import" | "require", { types: string; default: string }>>>
  >;
};

const ENTRIES = Object.keys(exports)
  .filter((path) => path !== "./package.json")
  .map((path) => path.replace(/^\./, name));

/** What a program that asks for the package by its name finds in it. */
async function exportsOf(entry: string, code: (entry: string) => string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", code(entry)], { cwd: ROOT });
  return JSON.parse(stdout) as string[];
}

const PRINT = (module: string) => `console.log(JSON.stringify(Object.keys(${module}).sort()))`;

describe.concurrent("an entry of the package", () => {
  test.each(ENTRIES)("%s gives the same to import and to require", async (entry) => {
    const imported = await exportsOf(entry, () => `import("${entry}").then((module) => ${PRINT("module")})`);
    expect(imported.length).toBeGreaterThan(0);
    expect(await exportsOf(entry, () => PRINT(`require("${entry}")`))).toEqual(imported);
  });
});

test("each entry has types for both", async () => {
  for (const entry of Object.values(exports)) {
    if (typeof entry === "string") continue;
    const types = await Promise.all(
      [entry.import.types, entry.require.types].map((path) => readFile(new URL(path, ROOT), "utf8")),
    );
    expect(types[0]).toBe(types[1]);
  }
});

test("every user can run what was built: a monitor does so as one of its own", async () => {
  for (const folder of ["dist", "dist/chunks", "dist/cjs"]) {
    expect((await stat(new URL(folder, ROOT))).mode & 0o055, folder).toBe(0o055);
  }
});
