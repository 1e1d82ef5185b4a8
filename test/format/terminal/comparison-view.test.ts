import { describe, expect, test } from "vitest";
import type { TaskStatus } from "../../../src/client/wire.js";
import { OUTPUT_FORMATS } from "../../../src/format/formats.js";
import { comparisonReport } from "../../../src/format/reports/comparison-report.js";
import type { Report } from "../../../src/format/reports/report.js";
import { cellWidth } from "../../../src/format/terminal/cell-width.js";
import { printable } from "../../../src/strings/printable.js";
import { type ComparedKind, comparisonOf } from "../../../src/tasks/timeline/comparison.js";
import { timelineOf } from "../../../src/tasks/timeline/timeline.js";
import { earlierRepair } from "../../fixtures/earlier-repair.js";
import { expectGolden } from "../../fixtures/golden.js";
import { reportText } from "../../fixtures/report-text.js";
import { hostileTree, nightMs, repairTree, taskAt } from "../../fixtures/timeline-trees.js";
import { viewOf } from "../../fixtures/views.js";

const nowMs = nightMs("05:00");

function reportOf(one = earlierRepair(), other = repairTree(), by: ComparedKind = "node") {
  const [first, second] = [timelineOf(one, { by, nowMs }), timelineOf(other, { by, nowMs })];
  return comparisonReport(comparisonOf(first, second, by));
}

/** The shards moved so many bytes. */
const moving = (tasks: TaskStatus[], gib: number) =>
  tasks.map((task) =>
    task.scope === "shard"
      ? { ...task, progress_units: "bytes", progress_total: gib * 1024 ** 3, progress_completed: 0 }
      : task,
  );
const moved = () => reportOf(moving(earlierRepair(), 40), moving(repairTree(), 42));

describe("two runs side by side", () => {
  test.each(OUTPUT_FORMATS)("as %s", async (format) => {
    const name =
      format === "table" ? "table.txt" : format === "json" ? "out.json" : format === "name" ? "names.txt" : format;
    expectGolden(`compare.${name}`, await reportText(moved() as Report, { format }));
  });

  test.each([60, 100])("on a terminal of %i cells", async (columns) => {
    expectGolden(`view-compare-${columns}.txt`, await viewOf(moved(), { columns }));
  });

  test("without Unicode, uncertain times are marked", async () => {
    const options = { by: "node", nowMs } as const;
    const run = (id: string, end: string) =>
      timelineOf([{ ...taskAt(1, "", "", { state: "done", node: "a" }), id }], {
        ...options,
        seen: new Map([
          [id, { begin: { atMs: nightMs("22:00"), withinMs: 5000 }, end: { atMs: nightMs(end), withinMs: 0 } }],
        ]),
      });
    const report = comparisonReport(comparisonOf(run("a", "22:10"), run("b", "22:30"), "node"));
    expect(await viewOf(report, { unicode: false })).toBe(
      "The second took 20m00s +/-10s longer: 30m00s +/-5s, the first 10m00s +/-5s.\n\n" +
        "lane         first        second      difference\n" +
        "a     10m00s +/-5s  30m00s +/-5s  +20m00s +/-10s\n",
    );
  });

  test.each([30, 80, 200])("in %i cells, a server's names stay text, whatever is in them", async (columns) => {
    for (const by of ["node", "shard", "table", "type"] as const) {
      const text = await viewOf(reportOf(hostileTree(), repairTree(), by), { columns });
      expect(text).toBe(text.split("\n").map(printable).join("\n"));
      const sentences = text.slice(0, text.indexOf("\n\n")).split("\n");
      expect(sentences.filter((line) => cellWidth(line) > columns)).toEqual([]);
    }
  });

  test("without tasks, there is only a sentence", async () => {
    expect(await viewOf(reportOf([], []))).toBe("No task.\n");
  });
});
