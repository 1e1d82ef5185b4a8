import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Agent, buildConnector } from "undici";
import type { Engine, EngineOptions } from "./engine.js";

/** undici: the engine wherever connections live on (waits, many nodes, the library). */
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
    // undici's own limits of 300 s would cut a wait.
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
        // With blocking requests a long poll does not hold up the next request behind it on the same connection.
        blocking: true,
      });
      return { status: response.statusCode, headers: response.headers, body: response.body };
    },
    close: () => agent.destroy(),
  };
}

/** Speaks over a stream of the caller's; undici's own connector puts TLS on it where the origin wants that. */
function throughStream(connector: buildConnector.connector, openStream: () => Duplex): buildConnector.connector {
  return (options, callback) => {
    // Both use of it no more than a duplex has, beside the few methods that the stream provides.
    const stream = openStream() as Socket;
    if (options.protocol === "https:") connector({ ...options, httpSocket: stream }, callback);
    // undici looks again for requests only if this comes after it has gone on.
    else queueMicrotask(() => callback(null, stream));
  };
}
