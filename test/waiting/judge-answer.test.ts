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

  test("that does not say how the task ended comes with what it does say", async () => {
    const reasonOf = async (answer: TaskStatus) => (await judged(answer)).outcome;
    const unknown = { kind: "unknown", id: ID, isGone: false };
    expect(await reasonOf({})).toEqual({
      ...unknown,
      reason: `the server returned an empty status for task ${ID}`,
      status: {},
      isEmptyAnswer: true,
    });
    expect(await reasonOf({ state: "running" })).toEqual({
      ...unknown,
      reason: `the server ended the wait and reported that task ${ID} is running, so the outcome is unknown`,
      status: { state: "running" },
    });
    expect(await reasonOf({ type: "repair" })).toEqual({
      ...unknown,
      reason: `the server ended the wait and reported no state for task ${ID}, so the outcome is unknown`,
      status: { type: "repair" },
    });
  });

  test("with a long word for a state is not quoted whole", async () => {
    const { outcome } = await judged({ state: "x".repeat(5000) });
    expect(outcome).toMatchObject({ reason: expect.stringContaining(`is ${"x".repeat(60)}, so`) });
  });

  test("of a task that was suspended says what that means", async () => {
    expect((await judged({ state: "suspended" })).outcome).toMatchObject({
      note: `task ${ID} was suspended: neither done nor failed`,
    });
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

  test("may have been aborted: the release that does not tell which is named, if it is known", async () => {
    const noteOf = async (release: string | Error) => (await judged(DONE, release, GONE)).outcome;
    expect(await noteOf("2025.4.2")).toMatchObject({
      note: `task ${ID} is done or was aborted: this server (2025.4.2) reports the same for both`,
    });
    expect(await noteOf(status(404))).toMatchObject({
      note: `task ${ID} is done or was aborted: this server reports the same for both`,
    });
  });

  test("was aborted, of how many tablets the server does not say", async () => {
    const { outcome } = await judged(DONE, "2026.1.0", { id: ID, state: "failed" });
    expect(outcome).toMatchObject({
      note: `task ${ID} was aborted`,
      status: { state: "failed", progress_completed: 0, progress_total: 0, progress_units: "tablets" },
    });
  });

  test("without a type is one too: a repair of tablets loses its type when it ends", async () => {
    const { type: _, ...untyped } = DONE;
    expect((await judged(untyped, "2026.1.0", { state: "done" })).asked).toEqual(["release", "status"]);
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
