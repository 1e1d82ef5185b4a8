import { describe, expect, test } from "vitest";
import type { TaskStatus } from "../../../src/client/wire.js";
import { OUTPUT_FORMATS } from "../../../src/format/formats.js";
import type { Report } from "../../../src/format/reports/report.js";
import { timelineReport } from "../../../src/format/reports/timeline-report.js";
import { cellWidth } from "../../../src/format/terminal/cell-width.js";
import { printable } from "../../../src/strings/printable.js";
import type { LaneKind } from "../../../src/tasks/timeline/lanes.js";
import { timelineOf } from "../../../src/tasks/timeline/timeline.js";
import { expectGolden } from "../../fixtures/golden.js";
import { reportText } from "../../fixtures/report-text.js";
import {
  hostileTree,
  nightMs,
  repairTree,
  TROUBLED_NOW,
  troubledTree,
  wideTree,
} from "../../fixtures/timeline-trees.js";
import { viewOf } from "../../fixtures/views.js";

const reportOf = (statuses: readonly TaskStatus[], by?: LaneKind, maxLanes = 20, nowMs = nightMs("05:00")) =>
  timelineReport(timelineOf(statuses, { by, nowMs }), maxLanes);

const troubled = (by?: LaneKind) => reportOf(troubledTree(), by, 20, TROUBLED_NOW);

describe("on a terminal", () => {
  test.each([80, 120])("of %i cells, a lane for each node", async (columns) => {
    expectGolden(`view-timeline-${columns}.txt`, await viewOf(reportOf(repairTree()), { columns }));
  });

  test("each task, whether failed, running, waiting or unknown", async () => {
    expectGolden("view-timeline-tasks.txt", await viewOf(troubled("task")));
  });

  test("without Unicode", async () => {
    expectGolden("view-timeline-ascii.txt", await viewOf(troubled(), { unicode: false }));
  });

  test("in colour", async () => {
    expectGolden("view-timeline-color.txt", await viewOf(troubled(), { color: true }));
  });

  test("many lanes are folded to those that matter, and --wide shows all", async () => {
    const folded = await viewOf(reportOf(repairTree(), "shard", 5));
    expect(folded).toContain("… 13 more lanes");
    expect(folded).toContain("--max-lanes 18 shows all lanes");
    expect(folded).toMatch(/^127.0.0.3 shard 2 /m);
    expect(await viewOf(reportOf(repairTree(), "shard", 5), { wide: true })).not.toContain("more lanes");
  });

  test.each([1, 12, 30, 41, 55, 80, 200])(
    "of %i cells no line is wider, whatever a server's names are",
    async (columns) => {
      for (const by of ["node", "shard", "table", "type", "task"] as const) {
        const text = await viewOf(reportOf(hostileTree(), by), { columns });
        expect(text).toBe(text.split("\n").map(printable).join("\n"));
        // A name of a few cells, and a bar of one.
        const room = Math.max(columns, 12);
        expect(text.split("\n").filter((line) => cellWidth(line) > room)).toEqual([]);
      }
    },
  );

  test("of very many tasks, a few lines", async () => {
    const text = await viewOf(reportOf(wideTree(30_000), "task", 10));
    expect(text.split("\n").length).toBeLessThan(25);
  });

  test("without times, there are only sentences", async () => {
    const created = [{ id: "a", type: "repair", state: "created" }];
    expect(await viewOf(reportOf(created))).toBe("Repair: created, times unknown; 1 task.\n1 task has not started.\n");
    expect(await viewOf(reportOf([]))).toBe("No task.\n");
  });
});

describe("for programs", () => {
  test.each(OUTPUT_FORMATS)("as %s", async (format) => {
    const name =
      format === "table" ? "table.txt" : format === "json" ? "out.json" : format === "name" ? "names.txt" : format;
    expectGolden(`timeline.${name}`, await reportText(reportOf(repairTree()) as Report, { format }));
  });

  test("by task, a row has the task's id and state", async () => {
    const rows = await reportText(troubled("task") as Report, {
      format: "csv",
      fields: ["id", "state", "busy_seconds"],
    });
    expect(rows.split("\r\n").slice(0, 3)).toEqual([
      "id,state,busy_seconds",
      "5e1f4b0c-8a1d-4c1e-9d43-000000000001,running,0",
      "5e1f4b0c-8a1d-4c1e-9d43-000000000002,done,95",
    ]);
  });
});
