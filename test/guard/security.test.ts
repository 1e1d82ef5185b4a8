import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

test("every promise of SECURITY.md names a test that there is", async () => {
  const text = await readFile("SECURITY.md", "utf8");
  const rows = [...text.matchAll(/^\| .* \| `(test\/[^`]+)`: (.*) \|$/gm)];
  const promised = text.split("## What is promised")[1]?.split("## What is not promised")[0] ?? "";
  const lines = promised.split("\n").filter((line) => line.startsWith("| ") && !/^\| (promise|---) /.test(line));
  expect(rows).toHaveLength(lines.length);
  for (const [, file = "", words = ""] of rows) expect(await readFile(file, "utf8"), file).toContain(words);
});
