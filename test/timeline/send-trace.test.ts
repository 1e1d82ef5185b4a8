import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { timelineOf } from "../../src/tasks/timeline/timeline.js";
import { collectorAt, sendTrace } from "../../src/timeline/send-trace.js";
import { BEGIN, status, wireTime } from "../fixtures/journals.js";

type Answer = readonly [status: number, retryAfter?: string, body?: string];

/** Sends a task to a collector that gives these answers, the last of them again and again. */
async function send(answers: readonly Answer[]) {
  let requests = 0;
  const rests: number[] = [];
  const server = createServer((request, response) => {
    const [code, retryAfter, body = ""] = answers[Math.min(requests++, answers.length - 1)] as Answer;
    request.resume().on("end", () => {
      response.writeHead(code, retryAfter === undefined ? {} : { "retry-after": retryAfter }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const collector = await collectorAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {});
  const clock = { now: () => BEGIN, monotonic: () => 0, sleep: async (ms: number) => void rests.push(ms) };
  const timeline = timelineOf([status(1, { state: "done", end_time: wireTime(9) })], {
    nowMs: BEGIN + 10_000,
    onlyNode: undefined,
  });
  const runtime = { clock, interrupt: new AbortController().signal };
  const outcome = await sendTrace(collector, timeline, runtime).catch((error: Error) => error.message);
  return { outcome, requests, rests };
}

const TAKEN = { spans: 0, reason: "" };

test("a collector that is busy is asked again when it says so, in seconds or as a date", async () => {
  const date = new Date(BEGIN + 5_000).toUTCString();
  expect(await send([[429, "2"], [503, date], [200]])).toEqual({ outcome: TAKEN, requests: 3, rests: [2_000, 5_000] });
  const past = new Date(BEGIN - 5_000).toUTCString();
  expect(await send([[503, past], [200]])).toEqual({ outcome: TAKEN, requests: 2, rests: [0] });
});

test("a collector that does not say when is retried after growing pauses, and not for ever", async () => {
  const { outcome, requests, rests } = await send([[503], [429, "soon"], [502], [504]]);
  expect(outcome).toMatch(/^cannot send the trace: .* answered 504 Gateway Timeout$/);
  expect({ requests, rests }).toEqual({ requests: 4, rests: [1_000, 2_000, 4_000] });
});

test("a collector that asks for a very long pause is not waited for", async () => {
  expect(await send([[429, "3600"]])).toEqual({
    outcome: expect.stringMatching(/answered 429 Too Many Requests$/),
    requests: 1,
    rests: [],
  });
});

test.each([400, 401, 404, 413, 500, 501])("the request is not repeated after status %i", async (code) => {
  expect(await send([[code, "1"]])).toMatchObject({ outcome: expect.stringContaining(` ${code} `), requests: 1 });
});

test.each([200, 202, 204])("status %i is a success", async (code) => {
  expect(await send([[code]])).toEqual({ outcome: TAKEN, requests: 1, rests: [] });
});

test("a partly rejected request is not sent again", async () => {
  const body = '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}';
  expect(await send([[202, undefined, body]])).toMatchObject({ outcome: { spans: 1, reason: "too old" }, requests: 1 });
});
