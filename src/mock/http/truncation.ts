import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyInstance, FastifyReply } from "fastify";

/**
 * Lets answers break off.
 * @param truncationOf - after how many bytes of its body the answer to a request does, if it does
 */
export function addTruncation(
  app: FastifyInstance,
  truncationOf: (request: IncomingMessage) => number | undefined,
): void {
  app.addHook("onSend", async (request, reply, payload: unknown) => {
    const atBytes = truncationOf(request.raw);
    if (atBytes === undefined) return payload;
    if (payload instanceof Readable) return Readable.from(beginning(payload, atBytes, reply.raw));
    const body = Buffer.isBuffer(payload) ? payload : Buffer.alloc(0);
    if (body.length === 0) return payload;
    // The head promises the whole.
    reply.header("content-length", body.length);
    return Readable.from(beginning([body], Math.min(atBytes, body.length - 1), reply.raw));
  });
}

async function* beginning(
  parts: AsyncIterable<Buffer | string> | Iterable<Buffer>,
  atBytes: number,
  response: FastifyReply["raw"],
): AsyncGenerator<Buffer> {
  let leftBytes = atBytes;
  for await (const part of parts) {
    const bytes = Buffer.from(part).subarray(0, leftBytes);
    if (bytes.length > 0) yield bytes;
    leftBytes -= bytes.length;
    if (leftBytes === 0) break;
  }
  // Without a body, not even the head would have gone out.
  response.flushHeaders();
  await nextTurn();
  await nextTurn();
  throw new Error("the answer was to break off here");
}
