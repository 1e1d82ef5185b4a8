import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COMMANDS } from "../../src/commands.js";
import { OUTPUT_FORMATS } from "../../src/format/formats.js";
import { SCENARIO_NAMES } from "../../src/mock/scenarios/built-in.js";
import { OPERATIONS } from "../../src/operations/catalogue.js";

test.each([
  ["README.md", "command", [...COMMANDS.summaries.keys()]],
  ["docs/output.md", "format", OUTPUT_FORMATS],
  ["docs/operations.md", "operation", OPERATIONS.map(({ name }) => `start ${name}`)],
  ["docs/mock.md", "scenario", SCENARIO_NAMES],
] as const)("the tables of %s name every %s", (page, _, names) => {
  const rows = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8").match(/^\|.*$/gm) ?? [];
  const words = new Set(rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text)));
  const isThere = (name: string) => [...words].some((text) => text === name || text.startsWith(`${name} `));
  expect(names.filter((name) => !isThere(name))).toEqual([]);
});
