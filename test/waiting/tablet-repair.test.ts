import { describe, expect, test } from "vitest";
import { runInProcess, startedInProcess } from "../fixtures/run-in-process.js";
import { expectValid } from "../fixtures/schemas.js";
import { until, withMock } from "../fixtures/wait-servers.js";

const REPAIR = {
  module: "tablets",
  type: "user_repair",
  kind: "cluster",
  scope: "table",
  keyspace: "shop",
  table: "orders",
  progressUnits: "tablets",
  isAbortable: true,
} as const;

describe.concurrent("a wait for a repair of tablets", () => {
  test.each([
    ["2026.3", 123, /^error: task \S+ was aborted: 3 of 8 tablets repaired\n$/, "failed"],
    [
      "2025.2",
      0,
      /^warning: task \S+ is done or was aborted: this server \(2025\.2\.\d+\S*\) reports the same for both\n$/,
      "done",
    ],
  ])("that somebody aborts: on %s exits with %i", async (release, code, said, outcome) => {
    await withMock(
      async (mock, node) => {
        const repair = mock.create(REPAIR);
        repair.reportProgress(3, 8);
        const run = startedInProcess([...node, "wait", repair.id, "--json"]);
        await until(() => mock.requests.some(({ url }) => url.includes("wait_task")));
        expect(await runInProcess([...node, "abort", repair.id])).toMatchObject({ code: 0 });
        expect(await run.end).toBe(code);
        expect(run.written.stderr).toMatch(said);
        expectValid("wait", JSON.parse(run.written.stdout));
        expect(JSON.parse(run.written.stdout)).toMatchObject({ id: repair.id, state: outcome, outcome });
      },
      { release },
    );
  });

  test("that ends well is done, and one more request says so", async () => {
    await withMock(
      async (mock, node) => {
        const repair = mock.create(REPAIR);
        repair.reportProgress(8, 8);
        const run = startedInProcess([...node, "wait", repair.id, "-q"]);
        await until(() => mock.requests.length > 0);
        repair.finish();
        expect(await run.end).toBe(0);
        expect(run.written.stderr).toBe("");
        expect(mock.requests.map(({ url }) => url.split("/").slice(1, 3).join("/"))).toEqual([
          "task_manager/wait_task",
          "storage_service/scylla_release_version",
          "task_manager/task_status",
        ]);
      },
      { release: "2026.3" },
    );
  });
});
