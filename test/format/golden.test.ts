import { describe, expect, test } from "vitest";
import type { TaskStats, TaskStatus } from "../../src/client/wire.js";
import { OUTPUT_FORMATS, type OutputFormat } from "../../src/format/formats.js";
import { findingList } from "../../src/format/reports/finding-list.js";
import { nodeTable, recordTable } from "../../src/format/reports/record-table.js";
import { batchOf, type Report } from "../../src/format/reports/report.js";
import { namedValue, nameList, taskList, taskStatus, taskTree } from "../../src/format/reports/task-reports.js";
import type { OutputOptions } from "../../src/runtime/output.js";
import { answeredWaits } from "../fixtures/answered-waits.js";
import { expectGolden, goldenInput } from "../fixtures/golden.js";
import { reportPieces, reportText } from "../fixtures/report-text.js";

const stats = goldenInput<TaskStats[]>("stats.json");
const statuses = goldenInput<TaskStatus[]>("statuses.json");
const failures = [{ node: "127.0.0.3", reason: "connect ECONNREFUSED 127.0.0.3:10000" }];

const list = (rows = stats) => taskList(batchOf(...rows));
const inModule = (task: TaskStats) => ({ module: "compaction", ...task });
const onNode = <T>(task: T) => ({ node: "127.0.0.1", ...task });

/** Each report of the commands, made anew for each reading. */
const REPORTS: Readonly<Record<string, () => Report>> = {
  list: () => list(),
  "list-empty": () => list([]),
  "list-all": () => taskList(batchOf(...stats.map(inModule)), ["module"]),
  "list-nodes": () => ({
    ...taskList(batchOf(...stats.map(onNode)), ["node"]),
    key: "tasks",
    errors: () => failures,
  }),
  tree: () => taskTree(batchOf(...statuses)),
  status: () => taskStatus(statuses[0] as TaskStatus),
  statuses: () => answeredWaits(statuses),
  modules: () => nameList(["compaction", "repair", "no\tname"]),
  "modules-nodes": () =>
    nodeTable("module", batchOf({ node: "127.0.0.1", module: "repair" }), { isMany: true, unanswered: failures }),
  "nodes-none": () => nodeTable("ttl", batchOf(), { isMany: true, unanswered: [] }),
  ttl: () => namedValue("Current ttl", "ttl", 10),
  findings: () =>
    findingList([
      { check: "name", result: "ok", detail: "localhost is 127.0.0.1", advice: "" },
      { check: "port", result: "wrong", detail: "nothing \u001b[0m listens", advice: "start the server" },
    ]),
  contexts: () =>
    recordTable(["name", "current"], batchOf({ name: "a", current: true }, { name: "b", current: false })),
};

/** Where the format's own name would make the file something that other tools take for theirs. */
const EXTENSIONS: Readonly<Partial<Record<OutputFormat, string>>> = {
  table: "table.txt",
  json: "out.json",
  name: "names.txt",
};

const goldenName = (name: string, format: OutputFormat) => `${name}.${EXTENSIONS[format] ?? format}`;

describe.each(Object.keys(REPORTS))("%s", (name) => {
  test.each(OUTPUT_FORMATS)("as %s", async (format) => {
    expectGolden(goldenName(name, format), await reportText(REPORTS[name]?.() as Report, { format }));
  });
});

const CHOICES: Readonly<Record<string, Partial<OutputOptions>>> = {
  "fields-tree": {
    fields: ["state", "id", "children_ids", "children_ids.node", "progress_percent", "duration_seconds"],
  },
  "sorted-tree": { sort: { field: "start_time", descending: true }, fields: ["id", "start_time", "age_seconds"] },
  "count-tree": { count: true, limit: 2 },
  "no-header-tree": { header: false, limit: 1 },
};

describe.each(Object.entries(CHOICES))("%s", (name, options) => {
  test.each(OUTPUT_FORMATS)("as %s", async (format) => {
    expectGolden(goldenName(name, format), await reportText(taskTree(batchOf(...statuses)), { ...options, format }));
  });
});

describe("pieces", () => {
  async function* batches() {
    for (const task of stats) yield [task];
    throw new Error("read too far");
  }

  // A table needs the widths of all rows.
  test.each(OUTPUT_FORMATS.filter((format) => format !== "table"))(
    "%s writes each batch before it reads the next",
    async (format) => {
      const written: string[] = [];
      await expect(reportPieces(taskList(batches()), { format }, written)).rejects.toThrow("read too far");
      expect(written.join("")).toContain("a167b708-b835-4fc9-b68a-a815046310d3");
    },
  );

  test("a limit reads no more than it shows", async () => {
    expect(await reportText(taskList(batches()), { format: "name", limit: 3 })).toBe(
      stats.map(({ task_id }) => `${task_id}\n`).join(""),
    );
  });
});
