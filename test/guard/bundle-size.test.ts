import { readdirSync, readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";

const DIST = new URL("../../dist/", import.meta.url);
const size = (name: string) => statSync(new URL(name, DIST)).size;

/** About a quarter above what they were when this was written: what a dependency adds by surprise is more. */
test.each([
  ["tasks.cjs", 75_000],
  ["chunks/asking.cjs", 56_000],
  ["chunks/waiting.cjs", 27_000],
  ["chunks/http-engine.cjs", 3_000],
  ["chunks/undici-engine.cjs", 700_000],
  ["chunks/mock.cjs", 900_000],
  ["client.js", 40_000],
  ["mock.js", 170_000],
])("%s has at most %i bytes", (name, most) => {
  expect(size(name)).toBeLessThanOrEqual(most);
});

test("no other chunk is large", () => {
  const known = new Set(["undici-engine.cjs", "mock.cjs"]);
  const large = readdirSync(new URL("chunks/", DIST)).filter(
    (name) => !known.has(name) && size(`chunks/${name}`) > 150_000,
  );
  expect(large).toEqual([]);
});

test("the program starts without packages of its own to find", () => {
  const requested = [...readFileSync(new URL("tasks.cjs", DIST), "utf8").matchAll(/require\([`"']([^`"')]+)[`"']\)/g)];
  const outside = requested.map(([, name = ""]) => name).filter((name) => !/^(node:|\.\/)/.test(name));
  expect(outside).toEqual([]);
});
