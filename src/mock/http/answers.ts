import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyReply } from "fastify";
import type { ShownTask } from "../domain/shown-task.js";
import { type TaskWriter, valueJson } from "./wire.js";

/** In characters; the event loop gets a turn after each chunk. */
const CHUNK_LENGTH = 100_000;

/** Answers with JSON text. It is sent as bytes because fastify would add a charset to the content type of a string. */
export function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.header("content-type", "application/json").send(Buffer.from(text));
}

/** Answers with a value that is small, in the spaced style. */
export function sendValue(reply: FastifyReply, value: unknown): FastifyReply {
  return sendJson(reply, valueJson(value));
}

/** Answers a call without a result: 200 with an empty body (rest-api: Conventions). */
export function sendVoid(reply: FastifyReply): FastifyReply {
  return reply.header("content-type", "application/json").send(Buffer.alloc(0));
}

/** Answers with one task, in one piece. */
export function sendTask(reply: FastifyReply, task: ShownTask, write: TaskWriter): FastifyReply {
  return sendJson(reply, [...write(task)].join(""));
}

/** Answers with an array of tasks, as a stream even if it is short; it is written as fast as the client reads. */
export function sendTasks(reply: FastifyReply, tasks: readonly ShownTask[], write: TaskWriter): FastifyReply {
  const stream = Readable.from(inTurns(inChunks(arrayParts(tasks, write))), { objectMode: true, highWaterMark: 1 });
  return reply.header("content-type", "application/json").send(stream);
}

function* arrayParts(tasks: readonly ShownTask[], write: TaskWriter): Generator<string> {
  let separator = "[";
  for (const task of tasks) {
    yield separator;
    yield* write(task);
    separator = ", ";
  }
  yield tasks.length === 0 ? "[]" : "]";
}

/** Joins the parts into chunks; all but the last are at least {@link CHUNK_LENGTH} long. */
function* inChunks(parts: Iterable<string>): Generator<string> {
  let text = "";
  for (const part of parts) {
    text += part;
    if (text.length >= CHUNK_LENGTH) {
      yield text;
      text = "";
    }
  }
  if (text !== "") yield text;
}

async function* inTurns(chunks: Iterable<string>): AsyncGenerator<string> {
  let isFirst = true;
  for (const chunk of chunks) {
    if (!isFirst) await nextTurn();
    isFirst = false;
    yield chunk;
  }
}
