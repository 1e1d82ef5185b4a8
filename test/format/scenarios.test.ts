import { describe, expect, test } from "vitest";
import { connectOver } from "../../src/client/connect.js";
import { createHttpEngine } from "../../src/client/http-engine.js";
import type { TaskStats, TaskStatus } from "../../src/client/wire.js";
import { batchOf, type Report } from "../../src/format/reports/report.js";
import { taskList, taskTree } from "../../src/format/reports/task-reports.js";
import { ManualClock, SCENARIO_NAMES, startMockCluster } from "../../src/mock/index.js";
import { csvTable, readCsv, readYaml } from "../fixtures/format-readers.js";
import { reportText } from "../fixtures/report-text.js";
import { expectValid } from "../fixtures/schemas.js";

/** All that a node of a scenario has, at its start. */
async function tasksOf(scenario: string): Promise<{ stats: TaskStats[]; statuses: TaskStatus[] }> {
  const cluster = await startMockCluster({ scenario, generation: "current", clock: new ManualClock() });
  const client = await connectOver(createHttpEngine, { url: cluster.urls[0] as string });
  try {
    const stats: TaskStats[] = [];
    for (const module of await client.listModules()) {
      stats.push(...(await client.listModuleTasks(module, { internal: true })));
    }
    const roots = stats.filter(({ scope, kind }) => kind === "cluster" || scope === "keyspace" || scope === "global");
    const trees = await Promise.all(roots.map(({ task_id = "" }) => client.taskStatusRecursive(task_id)));
    return { stats, statuses: trees.flat() };
  } finally {
    await client.close();
    await cluster.stop();
  }
}

/** The storm is the default in numbers: nothing of it is new to a format. */
const SCENARIOS = SCENARIO_NAMES.filter((name) => name !== "storm");

test.each(SCENARIOS)("the schemas hold for %s", async (scenario) => {
  const { stats, statuses } = await tasksOf(scenario);
  expectValid("list", JSON.parse(await reportText(taskList(batchOf(...stats)), { format: "json" })));
  expectValid("tree", JSON.parse(await reportText(taskTree(batchOf(...statuses)), { format: "json" })));
});

describe("the failures are read back identically", () => {
  const failures = tasksOf("failures");

  async function expectReadBack<T>(report: () => Report<T>, rows: readonly T[]): Promise<void> {
    expect(rows.length).toBeGreaterThan(5);
    const records: unknown = JSON.parse(JSON.stringify(rows.map((row) => report().record(row))));
    const text = (format: "json" | "ndjson" | "yaml" | "csv") => reportText(report(), { format });
    expect(JSON.parse(await text("json"))).toEqual(records);
    expect(JSON.parse(`[${(await text("ndjson")).trimEnd().replaceAll("\n", ",")}]`)).toEqual(records);
    expect(readYaml(await text("yaml"))).toEqual(records);
    expect(readCsv(await text("csv"))).toEqual(csvTable(report(), rows));
  }

  test("as a list", async () => {
    const { stats } = await failures;
    await expectReadBack(() => taskList(batchOf(...stats)), stats);
  });

  test("as trees", async () => {
    const { statuses } = await failures;
    await expectReadBack(() => taskTree(batchOf(...statuses)), statuses);
  });
});
