import { describe, expect, test } from "vitest";
import { Deadline } from "../../src/waiting/deadline.js";
import { exitCodeOf, type Outcome, worstExitCode } from "../../src/waiting/outcome.js";
import { waitForTask } from "../../src/waiting/wait-for-task.js";
import { badCertificate, broken, notFound, refused, stageClient, stageClock, status, type Turn } from "./stage.js";

const DONE = { id: "x", state: "done" };

async function outcomeOf(
  turns: readonly Turn[],
  options: { timeoutMs?: number; retryForMs?: number; pollMs?: number; reached?: boolean } = {},
) {
  const clock = stageClock();
  const { client, asked } = stageClient(turns, clock, options.pollMs);
  const troubles: string[] = [];
  const outcome = await waitForTask(
    { id: "x", client, reached: options.reached },
    {
      clock,
      deadline: new Deadline(clock, options.timeoutMs),
      retryForMs: options.retryForMs ?? 60_000,
      signal: new AbortController().signal,
      onTrouble: (message) => troubles.push(message),
    },
  );
  return { outcome, asked, troubles, clock };
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
    expect([of("done"), of("failed"), of("suspended"), timeout, unknown].map(exitCodeOf)).toEqual([
      0, 123, 125, 124, 125,
    ]);
  });

  test("of several: unknown before timed out before failed before done", () => {
    expect(worstExitCode([])).toBe(0);
    expect(worstExitCode([of("done"), of("failed")])).toBe(123);
    expect(worstExitCode([timeout, of("failed")])).toBe(124);
    expect(worstExitCode([of("failed"), timeout, of("suspended")])).toBe(125);
  });
});
