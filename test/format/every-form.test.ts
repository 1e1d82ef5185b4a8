import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cellWidth } from "../../src/format/terminal/cell-width.js";
import { ManualClock, type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { readCsv, readYaml } from "../fixtures/format-readers.js";
import { runInProcess } from "../fixtures/run-in-process.js";

const UTF8 = { LANG: "C.UTF-8", TERM: "xterm-256color" };

/** What reads the forms that are for programs. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  json: JSON.parse,
  ndjson: (text) =>
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  yaml: readYaml,
  csv: readCsv,
};

describe.each(["failures", "tablet-repair", "everything"])("the tasks of %s", (scenario) => {
  let mock: MockCluster;
  let node: string[];
  let ids: string[];
  beforeAll(async () => {
    const clock = new ManualClock();
    mock = await startMockCluster({ scenario, nodes: 3, generation: "current", clock });
    clock.advance(60_000);
    node = ["--url", mock.urls[0] as string];
    const { tasks } = JSON.parse((await runInProcess([...node, "-a", "list", "--all", "--json"])).stdout);
    ids = tasks.slice(0, 3).map(({ task_id }: { readonly task_id: string }) => task_id);
  });
  afterAll(() => mock.stop());

  const commands = (): string[][] => [
    ["list", "--all"],
    ["list", "--all", "--internal", "--sort", "-type"],
    ["tree"],
    ["tree", "--depth", "0"],
    ["tree", "--state", "failed,running"],
    ["idle"],
    ["modules"],
    ["user-ttl"],
    ["version"],
    ...ids.flatMap((id) => ["status", "tree", "explain", "timeline"].map((command) => [command, id])),
  ];

  test.each(Object.keys(READERS))("are read back from %s, whatever the command", async (form) => {
    for (const command of commands()) {
      const run = await runInProcess([...node, "-a", ...command, "-o", form]);
      expect([command, run.code === 0 || run.code === 1 ? "" : run.stderr]).toEqual([command, ""]);
      expect(() => READERS[form]?.(run.stdout), command.join(" ")).not.toThrow();
      expect(run.stdout, command.join(" ")).not.toMatch(/\bundefined\b|\bNaN\b|\[object/);
    }
  });

  test.each([40, 80, 200])("fit a terminal of %i cells, whatever the command", async (columns) => {
    for (const command of commands()) {
      for (const nodes of [[], ["-a"]]) {
        const run = await runInProcess([...node, ...nodes, ...command], UTF8, { isTerminal: true, columns });
        const text = stripVTControlCharacters(run.stdout);
        expect(text, command.join(" ")).not.toMatch(/\bundefined\b|\bNaN\b|\[object/);
        const widest = Math.max(...text.split("\n").map(cellWidth));
        expect(widest, command.join(" ")).toBeLessThanOrEqual(columns);
      }
    }
  });
});
