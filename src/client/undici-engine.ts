import { Agent } from "undici";
import type { Engine, EngineOptions } from "./engine.js";

/** undici: the engine wherever connections live on (waits, many nodes, the library). */
export function createUndiciEngine(options: EngineOptions): Engine {
  const { origin, connectTimeoutMs, maxConnections, tls } = options;
  const agent = new Agent({
    connections: maxConnections,
    pipelining: 1,
    // undici's own limits of 300 s would cut a wait.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: connectTimeoutMs,
      ca: tls?.ca,
      cert: tls?.cert,
      key: tls?.key,
      rejectUnauthorized: tls?.insecure !== true,
    },
  });
  return {
    async send(request) {
      const response = await agent.request({
        origin: origin.origin,
        path: request.path,
        method: request.method as "GET",
        headers: request.headers,
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
