// Servers with canned answers of any size; they hold one copy of an answer, and send it in pieces.
import { createServer } from "node:http";

const id = (index) => `5e1f4b0c-8a1d-4c1e-9d43-${index.toString(16).padStart(12, "0")}`;

export const stats = (index) => ({
  task_id: id(index),
  state: index % 3 === 0 ? "done" : "running",
  type: "major compaction",
  kind: "node",
  scope: "compaction group",
  keyspace: `keyspace_${index % 50}`,
  table: `table_${index % 300}`,
  entity: "",
  sequence_number: index,
  shard: index % 16,
  start_time: "2026-11-24T08:00:00Z",
  end_time: index % 3 === 0 ? "2026-11-24T08:01:00Z" : "1970-01-01T00:00:00Z",
});

/** A status in a tree in which each task has ten children. */
export const status = (index, count) => ({
  id: id(index),
  type: "major compaction",
  kind: "node",
  scope: "table",
  state: "running",
  is_abortable: false,
  start_time: "2026-11-24T08:00:00Z",
  end_time: "1970-01-01T00:00:00Z",
  error: "",
  parent_id: index === 0 ? "none" : id(Math.floor((index - 1) / 10)),
  sequence_number: 1,
  shard: index % 16,
  keyspace: "shop",
  table: `table_${index % 300}`,
  entity: "",
  progress_units: "bytes",
  progress_total: 1048576,
  progress_completed: index % 1048576,
  children_ids: Array.from({ length: 10 }, (_, child) => index * 10 + 1 + child)
    .filter((child) => child < count)
    .map((child) => ({ task_id: id(child), node: "127.0.0.1" })),
});

/** A JSON array of `count` elements, made without ever holding the elements themselves. */
export function jsonArray(count, element) {
  const pieces = [];
  for (let start = 0; start < count; start += 1000) {
    const rows = [];
    for (let index = start; index < Math.min(start + 1000, count); index++)
      rows.push(JSON.stringify(element(index, count)));
    pieces.push(Buffer.from((start === 0 ? "[" : ",") + rows.join(",")));
  }
  pieces.push(Buffer.from(count === 0 ? "[]" : "]"));
  return Buffer.concat(pieces);
}

const PIECE_BYTES = 64 * 1024;

function send(response, body) {
  response.setHeader("content-type", "application/json");
  let position = 0;
  const write = () => {
    while (position < body.length) {
      const piece = body.subarray(position, position + PIECE_BYTES);
      position += piece.length;
      if (!response.write(piece)) {
        response.once("drain", write);
        return;
      }
    }
    response.end();
  };
  write();
}

/** Serves bodies by path; a function decides at the request. */
export async function serve(answer) {
  let requests = 0;
  let sockets = 0;
  let mostSockets = 0;
  const server = createServer((request, response) => {
    requests++;
    const body = answer(request.url.split("?")[0]);
    if (body === undefined) response.writeHead(404).end();
    else if (body !== null) send(response, Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)));
  });
  server.on("connection", (socket) => {
    sockets++;
    mostSockets = Math.max(mostSockets, sockets);
    socket.on("close", () => sockets--);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return {
    port: String(server.address().port),
    counts: () => ({ requests, mostSockets }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
