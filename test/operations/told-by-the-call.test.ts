import { describe, expect, test } from "vitest";
import { type Answer, jsonAnswer } from "../fixtures/scripted-server.js";
import { against, broken, ID, inTurn, silent, UNKNOWN } from "../fixtures/wait-servers.js";

const KEYSPACES = {
  "/storage_service/keyspaces": jsonAnswer(["vn"]),
  "/storage_service/keyspaces?replication=tablets": jsonAnswer([]),
  "GET /storage_service/keyspaces?replication=tablets": jsonAnswer([]),
  "/storage_service/scylla_release_version": jsonAnswer("2026.3.0"),
};
const LISTED = jsonAnswer([
  { task_id: ID, type: "repair", scope: "keyspace", keyspace: "vn", sequence_number: 7, shard: 0 },
]);
const NOT_LISTED = jsonAnswer([]);
const FORGOTTEN = jsonAnswer({ message: "unknown repair id 7", code: 400 }, 400);

/** A repair of vnodes has a number, by which it can be asked for. */
async function repaired(list: Answer, state: Answer, ...more: string[]) {
  const script = {
    ...KEYSPACES,
    "POST /storage_service/repair_async/vn": jsonAnswer(7),
    "GET /storage_service/repair_async/vn?id=7": state,
    "/task_manager/list_module_tasks/repair": list,
    [`/task_manager/wait_task/${ID}`]: UNKNOWN,
  };
  return await against(script, ["start", "repair", "vn", ...more]);
}

describe.concurrent("a repair whose task is not listed", () => {
  test("had nothing to do if its number says so", async () => {
    const run = await repaired(NOT_LISTED, jsonAnswer("SUCCESSFUL"), "--wait");
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("there was nothing to repair in keyspace vn (repair 7)");
  });

  test.each([[[]], [["--wait"]]])("failed if its number says so: %j", async (more) => {
    const run = await repaired(NOT_LISTED, jsonAnswer("FAILED"), ...more);
    expect(run.code).toBe(123);
    expect(run.stdout + run.stderr).toContain("repair 7 of keyspace vn failed; the server gives no reason");
  });

  test.each([[[]], [["--wait"]]])("has an unknown outcome if the node forgot it: %j", async (more) => {
    const run = await repaired(NOT_LISTED, FORGOTTEN, ...more);
    expect(run.code).toBe(125);
    expect(run.stdout + run.stderr).toContain("repair 7 of keyspace vn is no longer known: its node restarted");
  });

  test("is looked for until it is listed", async () => {
    const run = await repaired(inTurn(NOT_LISTED, NOT_LISTED, LISTED), jsonAnswer("RUNNING"));
    expect(run).toMatchObject({ code: 0, stdout: `${ID}\n` });
  });

  test("cannot be found while the connection is broken, but its number is not lost", async () => {
    const run = await repaired(broken, jsonAnswer("RUNNING"), "--retry-for", "0s", "--wait");
    expect(run.code).toBe(125);
    expect(run.stdout).toContain("repair 7 of keyspace vn was started, but its task cannot be found");
  });
});

describe.concurrent("a repair whose task is gone when it is waited for", () => {
  test.each<[string, Answer, number]>([
    ["SUCCESSFUL", jsonAnswer("SUCCESSFUL"), 0],
    ["FAILED", jsonAnswer("FAILED"), 123],
    ["RUNNING", jsonAnswer("RUNNING"), 125],
    ["nothing, as the node restarted", FORGOTTEN, 125],
  ])("ended as its number says: %s", async (_name, state, code) => {
    expect((await repaired(LISTED, state, "--wait", "-q")).code).toBe(code);
  });
});

/** The cleanup of a whole cluster has no task: its call ends with it. */
const cleanedUp = (answer: Answer, ...more: string[]) =>
  against(
    { ...KEYSPACES, "POST /storage_service/cleanup_all/?global=true": answer },
    ["start", "cleanup", "--global", "--wait", ...more],
    { clockStands: false },
  );

describe.concurrent("an operation on which only its call reports", () => {
  test("is done when the call is answered", async () => {
    expect(await cleanedUp(jsonAnswer(0), "-q")).toMatchObject({ code: 0, stdout: "" });
  });

  test("times out while the call is not answered", async () => {
    expect((await cleanedUp(silent, "--timeout", "1h", "-q")).code).toBe(124);
  });

  test("has an unknown outcome if the connection breaks", async () => {
    const run = await cleanedUp(broken);
    expect(run.code).toBe(125);
    expect(run.stderr).toContain("the connection broke, so the outcome is unknown");
  });

  test("that is refused has not started", async () => {
    const run = await cleanedUp(jsonAnswer({ message: "not allowed", code: 403 }, 403));
    expect(run.code).toBe(4);
    expect(run.stderr).toContain("not allowed");
  });
});
