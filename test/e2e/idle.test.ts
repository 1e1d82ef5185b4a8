import { describe, expect, test } from "vitest";
import { runTasks, started } from "../fixtures/run-tasks.js";
import { until, withMock } from "../fixtures/wait-servers.js";

const REPAIR = { module: "repair", type: "repair", scope: "keyspace", keyspace: "shop", isAbortable: true } as const;

describe.concurrent("idle", () => {
  test("of the program itself is an exit code", async () => {
    await withMock(async (mock, node) => {
      expect(await runTasks([...node, "idle", "--json"])).toEqual({
        code: 0,
        stdout: "[]\n",
        stderr: "idle: no running task would be harmed by a restart\n",
      });
      mock.create(REPAIR);
      expect(await runTasks([...node, "idle", "-o", "name"])).toMatchObject({ code: 1 });
    });
  });

  test("--wait ends when nothing has run for --for, and not before", async () => {
    await withMock(
      async (mock, node) => {
        const first = mock.create(REPAIR);
        const run = started([...node, "-a", "idle", "--wait", "--for", "0.5s", "--progress", "plain"]);
        await until(() => run.written.stderr !== "");
        expect(run.written.stderr).toMatch(/^repair shop still runs {2}elapsed \d+s\n$/);
        await mock.takeDown(1);
        const before = mock.requests.length;
        await until(() => mock.requests.length > before);
        await mock.bringUp(1);
        first.finish();
        expect(await run.end).toEqual({ code: 0, signal: null });
        expect(run.written.stdout).toBe("idle: no running task would be harmed by a restart\n");
      },
      { nodes: 2 },
    );
  });
});
