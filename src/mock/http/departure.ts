import type { IncomingMessage } from "node:http";

/**
 * Tells when the client has gone before it was answered. The connection does, not the answer: where a client sends requests ahead,
 * an answer that waits for its turn never closes.
 */
export function departureOf({ socket }: IncomingMessage): { signal: AbortSignal; ignore: () => void } {
  const departure = new AbortController();
  const leave = () => departure.abort();
  if (socket.destroyed) leave();
  // As many as the client sends ahead.
  socket.setMaxListeners(0).once("close", leave);
  return { signal: departure.signal, ignore: () => socket.off("close", leave) };
}
