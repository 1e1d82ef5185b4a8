import type { FastifyRequest } from "fastify";

/**
 * Does work for a request, with a signal that is aborted when the client closes the connection. The response does not tell: where a
 * client sends requests ahead, one that waits for its turn never emits `close`.
 */
export async function whileConnected<T>(
  { raw: { socket } }: FastifyRequest,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const connection = new AbortController();
  const abort = () => connection.abort();
  if (socket.destroyed) abort();
  // A client may send any number of requests ahead.
  socket.setMaxListeners(0).once("close", abort);
  try {
    return await work(connection.signal);
  } finally {
    socket.off("close", abort);
  }
}
