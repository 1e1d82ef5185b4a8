import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { LiveRun } from "../fixtures/live-run.js";
import { type Answer, jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";
import { idOf } from "../fixtures/wait-servers.js";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const TASK = { state: "running", type: "repair", kind: "node", scope: "table", keyspace: "shop", table: "orders" };
const LIST = "/task_manager/list_module_tasks/repair";
const INTERVAL_MS = 2000;

interface Script {
  list?: Answer;
  /** How far the task is. */
  completed?: number;
}

/** One node with one task, that can be looked at. */
async function oneTask(script: Script, args: readonly string[] = []) {
  const server = await scriptedServer((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    const progress = { progress_completed: script.completed ?? 1, progress_total: 100, progress_units: "ranges" };
    const answers: Record<string, Answer> = {
      [LIST]: script.list ?? jsonAnswer([{ ...TASK, task_id: idOf(1) }]),
      "/task_manager/list_modules": jsonAnswer(["repair"]),
      "/storage_service/scylla_release_version": jsonAnswer("2026.1.0"),
      [`/task_manager/task_status/${idOf(1)}`]: jsonAnswer({ ...TASK, id: idOf(1), ...progress }),
      "/gossiper/endpoint/live/": jsonAnswer(["127.0.0.1"]),
      "/gossiper/endpoint/down/": jsonAnswer([]),
    };
    (answers[path] ?? jsonAnswer({ message: "Not found", code: 404 }, 404))(request, response);
  });
  ends.push(server.stop);
  const screen = new LiveRun(["-h", "127.0.0.1", "-p", String(server.port), ...args, "top"]);
  const asked = (what: RegExp) => server.requests.filter((line) => what.test(line)).length;
  return { screen, asked };
}

/** To the next look, and what it found on the screen. */
async function nextLook(screen: LiveRun): Promise<void> {
  await screen.pass(INTERVAL_MS);
  await showsTime(screen);
}

const showsTime = (screen: LiveRun) =>
  screen.until(({ text }) => text.includes(`${new Date(screen.clock.now()).toISOString().slice(11, 19)} UTC`));

async function quit(screen: LiveRun): Promise<void> {
  screen.press("q");
  expect(await screen.end).toBe(0);
}

test("sends nothing to a node while a request to it is open", async () => {
  const script: Script = {};
  const { screen, asked } = await oneTask(script);
  await screen.until(/shop\.orders/);
  let answer = () => {};
  const isAsked = new Promise<void>((resolve) => {
    script.list = (request: IncomingMessage, response: ServerResponse) => {
      answer = () => jsonAnswer([])(request, response);
      resolve();
    };
  });
  await screen.pass(INTERVAL_MS);
  await isAsked;
  const before = asked(/./);
  for (let tick = 0; tick < 5; tick++) await screen.pass(INTERVAL_MS);
  delete script.list;
  answer();
  await screen.until(/no tasks/);
  expect(asked(/./)).toBe(before);
  await nextLook(screen);
  await screen.until(/shop\.orders/);
  await quit(screen);
});

test("reads a task without progress less and less often, but within 6 seconds, and in each tick once it moves again", async () => {
  const script: Script = {};
  const { screen, asked } = await oneTask(script);
  await screen.until(/shop\.orders/);
  const times: number[] = [];
  let [seen, second] = [0, 0];
  const note = () => {
    if (asked(/task_status/) > seen) times.push(second);
    seen = asked(/task_status/);
  };
  note();
  for (second = 2; second <= 30; second += 2) {
    if (second === 20) script.completed = 2;
    if (second > 20) script.completed = second;
    await nextLook(screen);
    note();
  }
  expect(times).toEqual([0, 2, 4, 8, 14, 20, 22, 24, 26, 28, 30]);
  await quit(screen);
});

test("keeps the connections to the nodes of a cluster from one look to the next", async () => {
  const sockets = new Set<unknown>();
  const script: Script = {
    list: (request, response) => {
      sockets.add(request.socket);
      jsonAnswer([{ ...TASK, task_id: idOf(1) }])(request, response);
    },
  };
  const { screen, asked } = await oneTask(script, ["-a"]);
  await screen.until(/1 of 1 node answers[\s\S]*shop\.orders/);
  for (let tick = 0; tick < 4; tick++) await nextLook(screen);
  expect(asked(new RegExp(LIST))).toBe(5);
  expect(sockets.size).toBeLessThan(3);
  await quit(screen);
});
