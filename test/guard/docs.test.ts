import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";

test("every source and test that the documentation names is there", async () => {
  const pages = (await readdir("docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`);
  const missing: string[] = [];
  let named = 0;
  for (const page of [...pages, "CONTRIBUTING.md", "README.md", "SECURITY.md"]) {
    const paths = (await readFile(page, "utf8")).matchAll(/(?<![\w./])(?:src|test|bin|bench|schema)\/[\w./-]*\w/g);
    for (const [path] of paths) {
      named++;
      if (!existsSync(path)) missing.push(`${page}: ${path}`);
    }
  }
  expect(named).toBeGreaterThan(30);
  expect(missing).toEqual([]);
});
