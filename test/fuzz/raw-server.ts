import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";

/** What a connection gets for one request: bytes, and whether it then ends, stays open, or breaks. */
export interface RawAnswer {
  readonly bytes: Buffer;
  readonly after: "keep" | "end" | "reset";
}

/** A request as far as an answer depends on it. */
export interface RawRequest {
  readonly method: string;
  /** Path with its query. */
  readonly target: string;
  readonly head: string;
}

export interface RawServer {
  readonly port: number;
  /** Answers from now on; the requests since are in `requests`. */
  play(answer: (request: RawRequest) => RawAnswer): void;
  readonly requests: RawRequest[];
  stop(): Promise<void>;
}

/** A server that sends whatever bytes it is told to, HTTP or not. */
export async function rawServer(): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const requests: RawRequest[] = [];
  let answerOf: (request: RawRequest) => RawAnswer = () => ({ bytes: Buffer.alloc(0), after: "end" });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let received = "";
    socket.on("data", (data) => {
      received += data.toString("latin1");
      for (let end = received.indexOf("\r\n\r\n"); end >= 0; end = received.indexOf("\r\n\r\n")) {
        const head = received.slice(0, end);
        const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
        if (received.length < end + 4 + length) return;
        received = received.slice(end + 4 + length);
        const [, method = "", target = ""] = /^(\S+) (\S+)/.exec(head) ?? [];
        const request = { method, target, head };
        requests.push(request);
        const { bytes, after } = answerOf(request);
        socket.write(bytes);
        if (after === "end") socket.end();
        if (after === "reset") socket.resetAndDestroy();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    play(answer) {
      requests.length = 0;
      answerOf = answer;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
