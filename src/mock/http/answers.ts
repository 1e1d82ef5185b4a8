import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyReply } from "fastify";
import type { TaskView } from "../domain/task-view.js";

/** How many tasks are written between two turns of the event loop. */
const TASKS_PER_CHUNK = 250;

/** Answers with JSON text. As bytes: fastify would add a charset, which the server does not. */
export function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.header("content-type", "application/json").send(Buffer.from(text));
}

/** Answers with any value; what it holds is small. */
export function sendValue(reply: FastifyReply, value: unknown): FastifyReply {
  return sendJson(reply, JSON.stringify(value));
}

/** Answers a call without a result: success, and no body (rest-api: Conventions). */
export function sendVoid(reply: FastifyReply): FastifyReply {
  return reply.send();
}

/** Answers with an array of tasks. A long one goes out in chunks, as fast as the client takes them. */
export function sendTasks(
  reply: FastifyReply,
  tasks: readonly TaskView[],
  write: (task: TaskView) => string,
): FastifyReply {
  if (tasks.length <= TASKS_PER_CHUNK) return sendJson(reply, `[${tasks.map(write).join(",")}]`);
  return reply
    .header("content-type", "application/json")
    .send(Readable.from(chunks(tasks, write), { objectMode: true, highWaterMark: 1 }));
}

async function* chunks(tasks: readonly TaskView[], write: (task: TaskView) => string): AsyncGenerator<string> {
  for (let from = 0; from < tasks.length; from += TASKS_PER_CHUNK) {
    const text = tasks
      .slice(from, from + TASKS_PER_CHUNK)
      .map(write)
      .join(",");
    yield `${from === 0 ? "[" : ","}${text}`;
    await nextTurn();
  }
  yield "]";
}
