import { describe, expect, test } from "vitest";
import type { TaskManagerClient } from "../../src/client/task-manager.js";
import type { TaskStatus } from "../../src/client/wire.js";
import { judgeAnswer } from "../../src/waiting/judge-answer.js";
import { broken, status } from "./stage.js";

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";

/** What a wait makes of an answer, and what it asked for more. */
async function judged(answer: TaskStatus, release: string | Error = "2026.3.0", later: TaskStatus | Error = {}) {
  const asked: string[] = [];
  const say = async <T>(name: string, value: T | Error): Promise<T> => {
    asked.push(name);
    if (value instanceof Error) throw value;
    return value;
  };
  const client = {
    releaseVersion: () => say("release", release),
    taskStatus: () => say("status", later),
  } as unknown as TaskManagerClient;
  return { outcome: await judgeAnswer(ID, answer, client, {}), asked };
}

describe("an answer to a wait", () => {
  test.each([
    [{ id: ID, state: "done", kind: "node", type: "repair" }, "done"],
    [{ id: ID, state: "failed" }, "failed"],
    [{ id: ID, state: "suspended" }, "suspended"],
    [{ state: "done" }, "done"],
    [{ id: ID.toUpperCase().replaceAll("-", ""), state: "done" }, "done"],
    [{ id: ID, state: "running" }, "unknown"],
    [{ id: ID, state: "finished" }, "unknown"],
    [{ id: ID, state: "" }, "unknown"],
    [{ id: ID }, "unknown"],
    [{ status: "ok" }, "unknown"],
    [{}, "unknown"],
  ])("%j is %s, and nothing more is asked", async (answer, kind) => {
    const { outcome, asked } = await judged(answer);
    expect(outcome.kind).toBe(kind);
    expect(asked).toEqual([]);
  });
});

describe("a repair of tablets that is done", () => {
  const DONE = {
    id: ID,
    state: "done",
    kind: "cluster",
    type: "user_repair",
    progress_completed: 0,
    progress_total: 0,
  };
  const GONE = status(400, `task with id ${ID} not found`);
  const FAILED = { id: ID, state: "failed", type: "", error: "", progress_completed: 3, progress_total: 8 };

  test("was aborted where its status says failed", async () => {
    const { outcome } = await judged(DONE, "2025.4.3", FAILED);
    expect(outcome).toMatchObject({
      kind: "failed",
      note: `task ${ID} was aborted: 3 of 8 tablets repaired`,
      status: { type: "user_repair", state: "failed", progress_completed: 3, progress_total: 8 },
    });
  });

  test.each(["user_repair", "auto_repair", ""])("of type %j is done where its status says so", async (type) => {
    const { outcome, asked } = await judged({ ...DONE, type }, "2026.1.0", { id: ID, state: "done" });
    expect(outcome).toEqual({ kind: "done", id: ID, status: { ...DONE, type } });
    expect(asked).toEqual(["release", "status"]);
  });

  test.each<[string, string | Error, TaskStatus | Error, string[]]>([
    ["an older release keeps none", "2025.4.2", FAILED, ["release"]],
    ["the cluster has older nodes", "2025.4.3", GONE, ["release", "status"]],
    ["the server says no release", status(404), GONE, ["release", "status"]],
  ])("may have been aborted where its status cannot be read: %s", async (_why, release, later, requests) => {
    const { outcome, asked } = await judged(DONE, release, later);
    expect(outcome).toMatchObject({ kind: "done", note: expect.stringContaining("is done or was aborted") });
    expect(asked).toEqual(requests);
  });

  test("whose table was dropped is done, with a word about it", async () => {
    const { outcome } = await judged(DONE, "2026.3.0", { id: ID, state: "created", type: "" });
    expect(outcome).toMatchObject({ kind: "done", note: expect.stringContaining("its table may have been dropped") });
  });

  test("is not taken for success where the connection breaks", async () => {
    await expect(judged(DONE, "2026.3.0", broken())).rejects.toThrow("the connection broke");
    await expect(judged(DONE, broken())).rejects.toThrow("the connection broke");
  });

  test("is not taken for success where a proxy answers in place of the node", async () => {
    await expect(judged(DONE, "2026.3.0", status(400, "Bad Request", "foreign"))).rejects.toThrow("answered 400");
    await expect(judged(DONE, "2026.3.0", status(400, "no route"))).rejects.toThrow("answered 400: no route");
  });

  test("is asked about by its kind: a node's own task of that name is not", async () => {
    expect((await judged({ ...DONE, kind: "node" })).asked).toEqual([]);
    expect((await judged({ ...DONE, type: "migration" })).asked).toEqual([]);
  });
});
