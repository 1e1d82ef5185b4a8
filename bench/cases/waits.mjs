// How soon a wait ends after the server's answer, and what a thousand waits in one process need.
import { createServer } from "node:http";
import { bushyStatus, idOf } from "../answers.mjs";
import { NODES, TASKS } from "../commands.mjs";
import { measure, median, mustEqual } from "../measure.mjs";
import { count, megabytes, milliseconds, table } from "../text.mjs";

const ROUNDS = 5;
/** Long enough that whatever a process does after its start is over when the answer comes. */
const HOLD_MS = 500;

export default async function waits() {
  const rows = [];
  for (const binary of NODES) {
    const version = (await measure([binary, "--version"], { keep: true })).stdout.trim();
    for (const total of [0, 1, 2, 1000]) {
      const runs = [];
      for (let round = 0; round < (total === 1000 ? 3 : ROUNDS); round++) {
        runs.push(total === 0 ? await bareRequest(binary) : await oneWait(binary, total));
      }
      rows.push([
        version,
        total === 0 ? "(a bare `http.get` instead)" : count(total),
        [...new Set(runs.map(({ requests }) => count(requests)))].join(),
        milliseconds(median(runs.map(({ afterMs }) => afterMs))),
        total === 1 || total === 2 ? "50 ms" : "",
        megabytes(Math.max(...runs.map(({ peakMb }) => peakMb))),
      ]);
    }
  }
  return table(["Node", "tasks in one wait", "requests", "ends after the last answer", "target", "peak memory"], rows);
}

/** The least that ends after an answer: what Node itself takes to end. */
async function bareRequest(binary) {
  const waiter = (url) => [
    binary,
    "-e",
    `require("node:http").get(${JSON.stringify(url)}, (answer) => answer.resume())`,
  ];
  return await heldAnswers(1, waiter);
}

/** One process that waits for all; every task ends in the same moment. */
async function oneWait(binary, total) {
  const ids = Array.from({ length: total }, (_, index) => idOf(index));
  const figures = await heldAnswers(total, (url) => [binary, TASKS, "--url", url, "wait", ...ids]);
  mustEqual("tasks that ended", figures.stdout.split("\n").filter((line) => line === "state: done").length, total);
  return figures;
}

async function heldAnswers(total, commandFor) {
  const held = [];
  let requests = 0;
  let answeredAt = 0;
  const server = createServer((request, response) => {
    requests++;
    held.push([request, response]);
    if (held.length === total) setTimeout(answerAll, HOLD_MS);
  });
  const answerAll = () => {
    for (const [request, response] of held) {
      const id = request.url.split(/[/?]/)[3];
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ ...bushyStatus(0, 1), id, state: "done" }));
    }
    answeredAt = performance.now();
  };
  await new Promise((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const { ms, startedAt, peakMb, stdout } = await measure(commandFor(url), { keep: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { requests, afterMs: startedAt + ms - answeredAt, peakMb, stdout };
}
