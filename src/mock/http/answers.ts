import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyReply } from "fastify";
import type { TaskView } from "../domain/task-view.js";
import { type TaskWriter, valueJson } from "./wire.js";

/** How much is written between two turns of the event loop. */
const CHUNK_LENGTH = 100_000;

/** Answers with JSON text. As bytes: fastify would add a charset, which the server does not. */
export function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.header("content-type", "application/json").send(Buffer.from(text));
}

/** Answers with any value; what it holds is small. */
export function sendValue(reply: FastifyReply, value: unknown): FastifyReply {
  return sendJson(reply, valueJson(value));
}

/** Answers a call without a result: success, and no body (rest-api: Conventions). */
export function sendVoid(reply: FastifyReply): FastifyReply {
  return reply.send();
}

/** Answers with an array of tasks. A long one goes out in chunks, as fast as the client takes them. */
export function sendTasks(reply: FastifyReply, tasks: readonly TaskView[], write: TaskWriter): FastifyReply {
  return sendParts(reply, arrayParts(tasks, write));
}

/** Answers with one task. */
export function sendTask(reply: FastifyReply, task: TaskView, write: TaskWriter): FastifyReply {
  return sendParts(reply, write(task));
}

function* arrayParts(tasks: readonly TaskView[], write: TaskWriter): Generator<string> {
  let separator = "[";
  for (const task of tasks) {
    yield separator;
    yield* write(task);
    separator = ",";
  }
  yield tasks.length === 0 ? "[]" : "]";
}

/** Sends at once what makes less than a chunk, and streams what makes more. */
function sendParts(reply: FastifyReply, parts: Iterable<string>): FastifyReply {
  const chunks = inChunks(parts[Symbol.iterator]());
  const first = chunks.next().value ?? "";
  if (first.length < CHUNK_LENGTH) return sendJson(reply, first);
  const stream = Readable.from(inTurns(first, chunks), { objectMode: true, highWaterMark: 1 });
  return reply.header("content-type", "application/json").send(stream);
}

/** All but the last are at least a chunk long. */
function* inChunks(parts: Iterator<string>): Generator<string, undefined> {
  let text = "";
  for (let part = parts.next(); !part.done; part = parts.next()) {
    text += part.value;
    if (text.length >= CHUNK_LENGTH) {
      yield text;
      text = "";
    }
  }
  if (text !== "") yield text;
}

async function* inTurns(first: string, rest: Iterable<string>): AsyncGenerator<string> {
  yield first;
  for (const chunk of rest) {
    await nextTurn();
    yield chunk;
  }
}
