import { afterAll, describe, expect, test } from "vitest";
import { startMockCluster } from "../../src/mock/index.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";

const COMPACTION = { module: "compaction", type: "major compaction", scope: "keyspace", keyspace: "shop" } as const;
const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
});

describe.each(["6.2", "seed", "2025.1", "2026.3"])("list by age on %s", (release) => {
  test.each([[[]], [["-a"]]])("finds the times that a list may lack, and destroys nothing: %j", async (more) => {
    const mock = await startMockCluster({ scenario: "idle", release, nodes: 2 });
    ends.push(() => mock.stop());
    const { port } = new URL(mock.urls[0] as string);
    const list = (...args: string[]) =>
      runInProcess([...more, "-h", "127.0.0.1", "-p", port, "list", "compaction", "-o", "name", ...args]);
    await runInProcess(["-a", "-h", "127.0.0.1", "-p", port, "ttl", "--set", "3600"]);
    const [running, done, queued] = [{}, {}, { isQueued: true }].map((as) => mock.create({ ...COMPACTION, ...as }));
    done?.finish();
    for (const _ of [1, 2]) {
      const young = await list("--newer-than", "1h");
      expect(young).toMatchObject({ code: 0, stderr: "" });
      expect(new Set(young.stdout.trim().split("\n"))).toEqual(new Set([running?.id, done?.id]));
    }
    expect(await list("--older-than", "1h")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await list()).stdout).toContain(queued?.id);
    expect((await list()).stdout).toContain(done?.id);
  });
});

test("what cannot be judged by age is said to be left out, exit 3", async () => {
  const server = await scriptedServer({
    "/storage_service/scylla_release_version": jsonAnswer("2025.1.3"),
    "/task_manager/list_module_tasks/compaction": jsonAnswer([{ task_id: "a" }, { task_id: "b" }]),
    "/task_manager/task_status/b": jsonAnswer({ message: "task with id b not found", code: 400 }, 400),
  });
  ends.push(server.stop);
  const list = ["-h", "127.0.0.1", "-p", String(server.port), "list", "compaction", "--older-than", "1h", "--json"];
  expect(await runInProcess(list)).toEqual({
    code: 3,
    stdout: "[]\n",
    stderr: "warning: 1 task left out: the server does not send what the options ask about\n",
  });
});
