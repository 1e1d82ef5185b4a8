import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Agent, buildConnector } from "undici";
import type { Engine, EngineOptions } from "./engine.js";

/** An engine over undici, for the library. */
export function createUndiciEngine(options: EngineOptions): Engine {
  const { origin, connectTimeoutMs, maxConnections, tls, openStream } = options;
  const connector = buildConnector({
    timeout: connectTimeoutMs,
    ca: tls?.ca,
    cert: tls?.cert,
    key: tls?.key,
    rejectUnauthorized: tls?.insecure !== true,
  });
  const agent = new Agent({
    connections: maxConnections,
    // 0 closes each connection after its answer.
    pipelining: options.keepAlive ? 1 : 0,
    // undici's default limits of 300 s would end a wait.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: openStream === undefined ? connector : throughStream(connector, openStream),
  });
  return {
    async send(request) {
      const response = await agent.request({
        origin: origin.origin,
        path: request.path,
        method: request.method as "GET",
        headers: request.headers,
        body: request.body,
        signal: request.signal,
        idempotent: request.repeatable,
        // Otherwise undici could queue the next request behind a wait, on the same connection.
        blocking: true,
      });
      return { status: response.statusCode, headers: response.headers, body: response.body };
    },
    close: () => agent.destroy(),
  };
}

/** Uses a stream of the caller's; undici's own connector adds TLS for an https origin. */
function throughStream(connector: buildConnector.connector, openStream: () => Duplex): buildConnector.connector {
  return (options, callback) => {
    // Of a socket, undici uses only what a duplex has, and the few methods that the stream provides.
    const stream = openStream() as Socket;
    if (options.protocol === "https:") connector({ ...options, httpSocket: stream }, callback);
    // Called at once, undici would not look for requests again.
    else queueMicrotask(() => callback(null, stream));
  };
}
