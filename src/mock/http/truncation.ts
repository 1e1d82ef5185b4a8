import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyInstance, FastifyReply } from "fastify";

/** How the answer to a request is broken. */
interface BrokenAnswers {
  /** After how many bytes of its body it breaks off; `undefined` if it is complete. */
  truncationOf(request: IncomingMessage): number | undefined;
  /** Whether the connection is reset before it. */
  losesAnswerTo(request: IncomingMessage): boolean;
}

/** Lets answers break off, or never begin. */
export function addTruncation(app: FastifyInstance, broken: BrokenAnswers): void {
  app.addHook("onSend", async (request, reply, payload: unknown) => {
    if (broken.losesAnswerTo(request.raw)) request.raw.socket.resetAndDestroy();
    const atBytes = broken.truncationOf(request.raw);
    if (atBytes === undefined) return payload;
    if (payload instanceof Readable) return Readable.from(beginning(payload, atBytes, reply.raw));
    const body = Buffer.isBuffer(payload) ? payload : Buffer.alloc(0);
    if (body.length === 0) return payload;
    // The headers promise the whole answer.
    reply.header("content-length", body.length);
    return Readable.from(beginning([body], atBytes, reply.raw));
  });
}

async function* beginning(
  parts: AsyncIterable<Buffer | string> | Iterable<Buffer>,
  atBytes: number,
  response: FastifyReply["raw"],
): AsyncGenerator<Buffer> {
  let leftBytes = atBytes;
  // One byte is held back until another follows: the last one is never sent.
  let held = Buffer.alloc(0);
  for await (const part of parts) {
    const known = Buffer.concat([held, Buffer.from(part)]);
    const bytes = known.subarray(0, Math.min(leftBytes, known.length - 1));
    if (bytes.length > 0) yield bytes;
    leftBytes -= bytes.length;
    if (leftBytes === 0) break;
    held = known.subarray(-1);
  }
  // If nothing of the body was sent, the headers have not been sent either.
  response.flushHeaders();
  await nextTurn();
  await nextTurn();
  throw new Error("the answer was to break off here");
}
