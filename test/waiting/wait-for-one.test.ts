import { describe, expect, test } from "vitest";
import {
  PROXY_COMMAND_FAILED,
  RequestTimeoutError,
  UnreachableError,
  UnreadableAnswerError,
} from "../../src/client/errors.js";
import { Deadline } from "../../src/waiting/deadline.js";
import { exitCodeOfOutcome, hasEnded, type Outcome, worstExitCode } from "../../src/waiting/outcome.js";
import { waitForOne } from "../../src/waiting/wait-for-one.js";
import {
  badCertificate,
  broken,
  notFound,
  REQUEST,
  refused,
  stageClient,
  stageClock,
  status,
  type Turn,
} from "./stage.js";

const DONE = { id: "x", state: "done" };

async function outcomeOf(
  turns: readonly Turn[],
  options: { timeoutMs?: number; retryForMs?: number; pollMs?: number; reached?: boolean; startMs?: number } = {},
) {
  const clock = stageClock(options.startMs);
  const { client, asked, limitsMs } = stageClient(turns, clock, options.pollMs);
  const troubles: string[] = [];
  const outcome = await waitForOne(
    { id: "x", client, reached: options.reached },
    {
      clock,
      deadline: new Deadline(clock, options.timeoutMs),
      retryForMs: options.retryForMs ?? 60_000,
      signal: new AbortController().signal,
      onTrouble: (message) => troubles.push(message),
    },
  );
  return { outcome, asked, limitsMs, troubles, clock };
}

describe("waitForTask", () => {
  test("without a timeout sends none", async () => {
    const { outcome, asked } = await outcomeOf([DONE]);
    expect(outcome).toEqual({ kind: "done", id: "x", status: DONE });
    expect(asked).toEqual([undefined]);
  });

  test("sends whole seconds, and after a break what is left of them", async () => {
    const { asked } = await outcomeOf([broken(), status(408), DONE], { timeoutMs: 9500, pollMs: 4000 });
    // The second asks whether the node answers again: with 1 s, as 0 would tell nothing (rest-api).
    expect(asked).toEqual([10, 1, 6]);
  });

  test("takes 408 for the timeout, and does not ask again", async () => {
    const { outcome, asked } = await outcomeOf([status(408)], { timeoutMs: 5000 });
    expect(outcome.kind).toBe("timeout");
    expect(asked).toHaveLength(1);
  });

  test.each([
    ["a broken connection", broken()],
    ["502", status(502)],
    ["503", status(503)],
    ["504", status(504)],
    ["a proxy's 408", status(408, "Request Time-out", "foreign")],
    ["a closed RPC connection", status(500, "seastar::rpc::closed_error (connection is closed)")],
  ])("asks again after %s, with growing pauses, and says so once", async (_name, trouble) => {
    const { outcome, troubles, clock } = await outcomeOf([trouble, trouble, trouble, status(408), DONE]);
    expect(outcome.kind).toBe("done");
    expect(troubles).toHaveLength(1);
    expect(clock.sleeps).toEqual([100, 200, 400]);
  });

  test("gives up when the node has not answered for as long as it may", async () => {
    const { outcome, clock } = await outcomeOf([broken()], { retryForMs: 10_000 });
    expect(outcome).toMatchObject({ kind: "unknown", isGone: false, reason: expect.stringContaining("--retry-for") });
    expect(clock.elapsedMs).toBe(10_000);
  });

  test("gives up too where each attempt takes long", async () => {
    const { outcome, clock } = await outcomeOf([broken(), status(504)], { retryForMs: 60_000, pollMs: 30_000 });
    expect(outcome.kind).toBe("unknown");
    expect(clock.elapsedMs).toBeLessThan(200_000);
  });

  test("counts from the break, however long the poll was held open before it", async () => {
    const { outcome, asked } = await outcomeOf([broken(), refused(), status(408), DONE], { pollMs: 3_600_000 });
    expect(outcome.kind).toBe("done");
    expect(asked).toEqual([undefined, 1, 1, undefined]);
  });

  test("goes on for ever where a proxy cuts each long poll, and the node answers in between", async () => {
    const cuts = Array.from({ length: 100 }, () => [status(504), status(408)]).flat();
    const { outcome } = await outcomeOf([...cuts, DONE], { retryForMs: 60_000, pollMs: 300_000 });
    expect(outcome.kind).toBe("done");
  });

  test("does not try a node again that it never reached, unless this run reached it before", async () => {
    expect((await outcomeOf([refused(), DONE])).outcome.kind).toBe("unknown");
    expect((await outcomeOf([refused(), DONE], { reached: true })).outcome.kind).toBe("done");
  });

  test("does not try again what cannot become better", async () => {
    expect((await outcomeOf([badCertificate(), DONE], { reached: true })).outcome.kind).toBe("unknown");
    expect((await outcomeOf([status(500, "boom"), DONE])).outcome.kind).toBe("unknown");
    expect((await outcomeOf([status(401), DONE])).outcome.kind).toBe("unknown");
  });

  test("never calls a task done that is no longer known", async () => {
    const never = await outcomeOf([notFound()]);
    expect(never.outcome).toMatchObject({
      kind: "unknown",
      isGone: true,
      reason: expect.stringContaining("not found"),
    });
    const lost = await outcomeOf([broken(), notFound()]);
    expect(lost.outcome).toMatchObject({
      kind: "unknown",
      isGone: true,
      reason: expect.stringContaining("user-ttl --set"),
    });
  });

  test.each([
    ["a proxy's page", status(400, "Bad Request", "foreign")],
    ["a refusal of something else", status(400, "Missing mandatory parameter 'x'")],
  ])("takes no 400 for a task that is gone that is %s", async (_what, answer) => {
    const { outcome, asked } = await outcomeOf([answer], { reached: true });
    expect(outcome).toMatchObject({ kind: "unknown", isGone: false, reason: expect.stringContaining("answered 400") });
    expect(outcome).not.toHaveProperty("mayBeElsewhere");
    expect(asked).toHaveLength(1);
  });

  test("takes a poll that was held open for 5 s for one that had found its task", async () => {
    const heldFor = async (pollMs: number) => (await outcomeOf([notFound()], { pollMs, startMs: 3_600_000 })).outcome;
    expect(await heldFor(4999)).toMatchObject({ mayBeElsewhere: true, reason: expect.stringContaining("not found") });
    expect(await heldFor(5000)).toEqual({
      kind: "unknown",
      id: "x",
      isGone: true,
      reason:
        "task x is no longer known: it ended and was forgotten before its outcome could be read, or its node restarted, " +
        "so the outcome is unknown. To keep finished tasks longer: tasks user-ttl --set 3600 " +
        "(tasks ttl --set 3600 for those that the server started itself)",
    });
  });

  test("gives the client a second more than the server, and 10 s where the server has nothing to wait for", async () => {
    const { limitsMs } = await outcomeOf([broken(), status(408), broken(), DONE], { timeoutMs: 20_000, pollMs: 6000 });
    // After 6 s and a pause of 0.1 s; after 12.1 s and another pause.
    expect(limitsMs).toEqual([21_000, 10_000, 14_900, 8800]);
  });

  test("asks about a tablet repair that is done within 10 s", async () => {
    const calls: unknown[] = [];
    const { signal } = new AbortController();
    const clock = stageClock();
    const { client } = stageClient([{ state: "done", kind: "cluster", type: "user_repair" }], clock);
    Object.assign(client, {
      releaseVersion: async (call: unknown) => {
        calls.push(call);
        return "2025.4.2";
      },
    });
    const options = { clock, deadline: new Deadline(clock, undefined), retryForMs: 0, signal, onTrouble: () => {} };
    await waitForOne({ id: "x", client }, options);
    expect(calls).toEqual([{ signal, timeoutMs: 10_000 }]);
  });

  test("takes the answer of the short request where the task has ended meanwhile", async () => {
    const { outcome, asked } = await outcomeOf([broken(), DONE, { state: "failed" }]);
    expect(outcome.kind).toBe("done");
    expect(asked).toEqual([undefined, 1]);
  });

  test("begins with a short pause again where a poll was held open for more than 3 s", async () => {
    const turns = [broken(), refused(), refused(), status(408), broken(), DONE];
    expect((await outcomeOf(turns, { pollMs: 3000, startMs: 1 })).clock.sleeps).toEqual([100, 200, 400, 800]);
    expect((await outcomeOf(turns, { pollMs: 3001, startMs: 1 })).clock.sleeps).toEqual([100, 200, 400, 100]);
  });

  test("says for how long it asks again, and for how long it did", async () => {
    const { outcome, troubles } = await outcomeOf([broken()], { retryForMs: 10_000 });
    const error = broken().message;
    expect(troubles).toEqual([`${error}; retrying for up to 10 s`]);
    expect(outcome).toMatchObject({ reason: `${error} (retried for 10 s, see --retry-for)` });
    expect((await outcomeOf([broken()], { retryForMs: 0 })).outcome).toMatchObject({ reason: error });
  });

  test("asks again where no answer came in time, unless the whole time is over", async () => {
    const silent = new RequestTimeoutError(REQUEST, 6000);
    expect((await outcomeOf([silent, status(408), DONE])).outcome.kind).toBe("done");
    const over = await outcomeOf([silent], { timeoutMs: 5000, pollMs: 6000, retryForMs: 0 });
    expect(over.outcome).toEqual({ kind: "timeout", id: "x" });
    const early = await outcomeOf([silent], { timeoutMs: 5000, pollMs: 4000, retryForMs: 0 });
    expect(early.outcome.kind).toBe("unknown");
  });

  test("believes what a node says after the deadline", async () => {
    const { outcome } = await outcomeOf([notFound()], { timeoutMs: 5000, pollMs: 5500 });
    expect(outcome).toMatchObject({ kind: "unknown", isGone: true });
  });

  test("does not ask again where a proxy command ended: the node was never reached", async () => {
    const ended = new UnreachableError(REQUEST, "the proxy command ended", PROXY_COMMAND_FAILED, true);
    expect((await outcomeOf([ended, DONE])).outcome.kind).toBe("unknown");
  });

  test("does not ask again where the answer cannot be read, or a 400 speaks of a closed connection", async () => {
    const unreadable = new UnreadableAnswerError(REQUEST, "no JSON");
    expect((await outcomeOf([unreadable, DONE])).outcome).toMatchObject({ kind: "unknown", isGone: false });
    expect((await outcomeOf([status(400, "rpc::closed_error"), DONE])).outcome.kind).toBe("unknown");
  });

  test("asks for no long poll more where the short request took the rest of the time", async () => {
    const { outcome, asked } = await outcomeOf([broken(), status(408)], { timeoutMs: 5000, pollMs: 4900 });
    expect(outcome).toEqual({ kind: "timeout", id: "x" });
    expect(asked).toEqual([5, 1]);
  });

  test("ends at its deadline in the middle of trouble", async () => {
    const { outcome, clock } = await outcomeOf([broken()], { timeoutMs: 5000 });
    expect(outcome.kind).toBe("timeout");
    expect(clock.elapsedMs).toBe(5000);
  });
});

describe("exit codes", () => {
  const of = (kind: "done" | "failed" | "suspended"): Outcome => ({ kind, id: "x", status: { state: kind } });
  const timeout: Outcome = { kind: "timeout", id: "x" };
  const unknown: Outcome = { kind: "unknown", id: "x", reason: "", isGone: false };

  test("tell how one task came out", () => {
    expect([of("done"), of("failed"), of("suspended"), timeout, unknown].map(exitCodeOfOutcome)).toEqual([
      0, 123, 125, 124, 125,
    ]);
  });

  test("of several: unknown before timed out before failed before done", () => {
    expect(worstExitCode([])).toBe(0);
    expect(worstExitCode([of("done"), of("failed")])).toBe(123);
    expect(worstExitCode([timeout, of("failed")])).toBe(124);
    expect(worstExitCode([of("failed"), timeout, of("suspended")])).toBe(125);
  });

  test("an outcome that the server told is an end, and no other", () => {
    expect([of("done"), of("failed"), of("suspended"), timeout, unknown].map(hasEnded)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
