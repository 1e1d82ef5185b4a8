import fc from "fast-check";
import { expect, test } from "vitest";
import { batchOf } from "../../src/format/reports/report.js";
import { nameList, taskList, taskTree } from "../../src/format/reports/task-reports.js";
import type { OutputOptions } from "../../src/runtime/output.js";
import { answeredWaits } from "../fixtures/answered-waits.js";
import { hostileStats, hostileStatus, hostileText } from "../fixtures/hostile-tasks.js";
import { reportText } from "../fixtures/report-text.js";

/** Whatever a terminal would act on, or hide, but for the line ends that the formats write themselves. */
const DANGEROUS = /(?!\n)[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;

/** Every form but csv, whose readers want the values as they are. */
const FORMS: Partial<OutputOptions>[] = [
  { format: "table" },
  { format: "table", header: false },
  { format: "table", fields: ["state", "type"] },
  { format: "json" },
  { format: "ndjson" },
  { format: "yaml" },
  { format: "name" },
];

test.each(FORMS)("no control character gets through: %j", (options) =>
  fc.assert(
    fc.asyncProperty(
      fc.array(hostileStats, { maxLength: 3 }),
      fc.array(hostileStatus, { maxLength: 3 }),
      fc.array(hostileText, { maxLength: 3 }),
      async (stats, statuses, names) => {
        const reports = [taskList(batchOf(...stats)), taskTree(batchOf(...statuses)), answeredWaits(statuses)];
        for (const report of reports) expect(await reportText(report, options)).not.toMatch(DANGEROUS);
        if (options.fields !== undefined) return;
        expect(await reportText(nameList(names), options)).not.toMatch(DANGEROUS);
      },
    ),
    { numRuns: 60 },
  ),
);

test("no text of a server breaks a line of the table", () =>
  fc.assert(
    fc.asyncProperty(fc.array(hostileStats, { maxLength: 3 }), async (rows) => {
      const lines = (await reportText(taskList(batchOf(...rows)))).split("\n");
      expect(lines).toHaveLength(rows.length + 2);
      expect(new Set(lines.slice(0, -1).map((line) => [...line].length)).size).toBe(1);
    }),
    { numRuns: 60 },
  ));
