// Servers with canned answers of any size.
import { createServer } from "node:http";

const PIECE_BYTES = 64 * 1024;

/**
 * Serves bodies by path, in pieces, as fast as the client takes them.
 * @param answer from the path without its query: a buffer, a value for JSON, or nothing for 404
 * @param options.held the last bytes of every answer wait for this promise
 */
export async function serve(answer, { held } = {}) {
  let sockets = 0;
  let mostSockets = 0;
  let lastAnswerAt = 0;
  const server = createServer((request, response) => {
    const value = answer(request.url.split("?")[0]);
    if (value === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.once("finish", () => {
      lastAnswerAt = performance.now();
    });
    send(response, Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value)), held);
  });
  server.on("connection", (socket) => {
    sockets++;
    mostSockets = Math.max(mostSockets, sockets);
    socket.on("close", () => sockets--);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    mostSockets: () => mostSockets,
    lastAnswerAt: () => lastAnswerAt,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response, body, held) {
  response.setHeader("content-type", "application/json");
  response.setHeader("content-length", body.length);
  const end = held === undefined ? body.length : body.length - 1;
  let position = 0;
  const write = () => {
    while (position < end) {
      const piece = body.subarray(position, Math.min(position + PIECE_BYTES, end));
      position += piece.length;
      if (!response.write(piece)) {
        response.once("drain", write);
        return;
      }
    }
    if (held === undefined) response.end();
    else held.then(() => response.end(body.subarray(end)));
  };
  write();
}
