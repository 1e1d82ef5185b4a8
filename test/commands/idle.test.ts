import { describe, expect, test } from "vitest";
import { runInProcess } from "../fixtures/run-in-process.js";
import { expectValid } from "../fixtures/schemas.js";
import { jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";
import { against, COMPACTION, withMock } from "../fixtures/wait-servers.js";

const REPAIR = { module: "repair", type: "repair", scope: "keyspace", keyspace: "shop", isAbortable: true } as const;

describe.concurrent("idle", () => {
  test("is 0 where nothing runs that a restart would harm, and says so", async () => {
    await withMock(async (mock, node) => {
      mock.create(COMPACTION);
      mock.create(REPAIR).finish();
      mock.create({ module: "tablets", type: "split", scope: "table", kind: "cluster", keyspace: "shop" });
      const text = await runInProcess([...node, "idle"]);
      expect(text).toEqual({ code: 0, stdout: "idle: no running task would be harmed by a restart\n", stderr: "" });
      const json = await runInProcess([...node, "idle", "--json"]);
      expect(json).toMatchObject({ code: 0, stdout: "[]\n" });
    });
  });

  test("is 1 where something does, with how far it is and what would stop it", async () => {
    await withMock(async (mock, node) => {
      const repair = mock.create({ ...REPAIR, progressUnits: "ranges" });
      repair.reportProgress(3, 8);
      const move = mock.create({
        module: "tablets",
        type: "migration",
        scope: "tablet",
        kind: "cluster",
        keyspace: "shop",
        table: "orders",
      });
      const run = await runInProcess([...node, "idle", "--json"]);
      expect(run.code).toBe(1);
      expect(run.stderr).toBe(
        `not idle: 2 tasks run; to wait until it is idle:\n  tasks ${node.join(" ")} idle --wait\n`,
      );
      const tasks = JSON.parse(run.stdout);
      expectValid("idle", tasks);
      expect(tasks.find(({ module }: { module: string }) => module === "repair")).toEqual({
        task_id: repair.id,
        module: "repair",
        type: "repair",
        keyspace: "shop",
        table: "",
        state: "running",
        progress_percent: 37,
        is_abortable: true,
        abort_with: `tasks ${node.join(" ")} abort ${repair.id}`,
      });
      expect(tasks.find(({ module }: { module: string }) => module === "tablets")).toMatchObject({
        task_id: move.id,
        is_abortable: false,
        abort_with: null,
      });
      const text = await runInProcess([...node, "idle"]);
      expect(text.code).toBe(1);
      expect(text.stdout.split("\n")[0]?.split(/ +/)).toContain("abort_with");
      const screen = await runInProcess([...node, "idle", "--width", "120"], {}, { isTerminal: true });
      expect(screen.stdout).toContain("(--wide shows abort_with too)");
      expect(repair.state).toBe("running");
    });
  });

  test("does not count what has ended since it was listed", async () => {
    const id = "11111111-2222-4333-8444-555555555555";
    const node = await scriptedServer({
      "/task_manager/list_modules": jsonAnswer(["repair"]),
      "/task_manager/list_module_tasks/repair": jsonAnswer([{ task_id: id, type: "repair", state: "running" }]),
      [`/task_manager/task_status/${id}`]: jsonAnswer({ id, type: "repair", state: "done" }),
      "/storage_service/scylla_release_version": jsonAnswer("2026.1.0"),
    });
    const run = await runInProcess(["--url", node.url, "idle", "--json"]);
    await node.stop();
    expect(run).toMatchObject({ code: 0, stdout: "[]\n" });
  });

  test.each([
    [["--module", "compaction"], 1],
    [["--module", "compaction", "--type", "cleanup*"], 0],
    [["--module", "repair,compaction", "--type", "*compaction"], 1],
    [["--type", "rep*"], 0],
  ])("%j chooses what counts", async (options, code) => {
    await withMock(async (mock, node) => {
      mock.create(COMPACTION);
      expect(await runInProcess([...node, "idle", ...options])).toMatchObject({ code });
    });
  });

  test("is never said of a node that does not answer", async () => {
    await withMock(
      async (mock, node) => {
        await mock.takeDown(1);
        const part = await runInProcess([...node, "-a", "idle", "--json"]);
        expect(part.code).toBe(3);
        expectValid("idle", JSON.parse(part.stdout));
        expect(JSON.parse(part.stdout)).toMatchObject({ tasks: [], errors: [{ node: "127.0.0.2" }] });
        expect(part.stderr).not.toContain("idle");
        await mock.bringUp(1);
        expect(await runInProcess([...node, "-a", "idle"])).toMatchObject({ code: 0 });
      },
      { nodes: 2 },
    );
    for (const all of [[], ["-a"], ["-a", "-h", "127.0.0.2"]]) {
      const gone = await runInProcess(["-h", "127.0.0.1", "-p", "1", ...all, "idle", "--wait"]);
      expect(gone).toMatchObject({ code: 3, stdout: "" });
      expect(gone.stderr).toMatch(
        /^(error: cannot tell whether it is idle: cannot reach|warning: no answer from node)/,
      );
    }
  });

  test("is not taken from a task of which the server does not say that it has ended", async () => {
    const run = await against(
      (request, response) =>
        jsonAnswer(request.url?.includes("list_modules") ? ["repair"] : [{ task_id: "a", type: "repair" }])(
          request,
          response,
        ),
      ["idle", "-o", "name"],
    );
    expect(run).toMatchObject({ code: 1, stdout: "a\n" });
  });

  test("--wait gives up after --timeout, and says what still runs", async () => {
    await withMock(async (mock, node) => {
      const repair = mock.create(REPAIR);
      const run = await runInProcess([...node, "idle", "--wait", "--timeout", "0.2s", "-o", "name"]);
      expect(run).toMatchObject({ code: 1, stdout: `${repair.id}\n` });
    });
  });

  test.each([
    [["--timeout", "5"], "option '--timeout' needs --wait"],
    [["--for", "5"], "option '--for' needs --wait"],
    [["--module", ","], "It takes names with commas between them"],
  ])("%j is an error: %s", async (options, phrase) => {
    const run = await runInProcess(["-h", "127.0.0.1", "-p", "1", "idle", ...options]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain(phrase);
  });
});
