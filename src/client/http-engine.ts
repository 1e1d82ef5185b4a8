import { Agent, request as httpRequest } from "node:http";
import { isIP } from "node:net";
import type { Engine, EngineOptions, EngineRequest, EngineResponse } from "./engine.js";

/** How long a connection is idle before TCP probes it. */
const KEEP_ALIVE_MS = 60_000;

export const loadTls = () => import("./tls.js");

/**
 * An engine over node:http, for processes that send a few short requests and end. Loading undici and compiling its parser would take
 * several times as long as Node's own start (docs/performance.md).
 */
export async function createHttpEngine(options: EngineOptions): Promise<Engine> {
  const { origin, connectTimeoutMs, maxConnections, tls, openStream } = options;
  const secure = origin.protocol === "https:" ? await loadTls() : undefined;
  const start = secure?.request ?? httpRequest;
  const certificates = { ca: tls?.ca, cert: tls?.cert, key: tls?.key, rejectUnauthorized: tls?.insecure !== true };
  const agentOptions = {
    keepAlive: options.keepAlive,
    maxSockets: maxConnections,
    maxFreeSockets: options.maxIdleConnections ?? maxConnections,
  };
  const agent = secure === undefined ? new Agent(agentOptions) : new secure.Agent({ ...agentOptions, ...certificates });
  if (openStream !== undefined) {
    const servername = isIP(origin.hostname) === 0 ? origin.hostname : "";
    agent.createConnection = () =>
      secure === undefined
        ? openStream()
        : secure.connect({ ...certificates, socket: openStream(), servername, host: origin.hostname });
  }

  function send(request: EngineRequest): Promise<EngineResponse> {
    return new Promise((resolve, reject) => {
      const outgoing = start({
        agent,
        protocol: origin.protocol,
        hostname: origin.hostname.replace(/^\[(.*)\]$/, "$1"),
        port: origin.port === "" ? undefined : Number(origin.port),
        method: request.method,
        path: request.path,
        headers:
          request.method === "GET" ? request.headers : { ...request.headers, "content-length": contentLength(request) },
        signal: request.signal,
        // Node would work it out for plain HTTP too, with a pattern that takes a millisecond to compile.
        ...(secure === undefined ? { servername: "" } : {}),
      });
      let connectTimer: NodeJS.Timeout | undefined;
      outgoing.once("socket", (socket) => {
        // A wait is held open for hours, and TCP has to notice if the node or the network is gone. The caller's stream may not be a
        // socket.
        socket.setKeepAlive?.(true, KEEP_ALIVE_MS);
        if (!socket.connecting) return;
        connectTimer = setTimeout(() => {
          outgoing.destroy(
            Object.assign(new Error(`no connection within ${connectTimeoutMs / 1000} s`), { code: "ETIMEDOUT" }),
          );
        }, connectTimeoutMs);
        socket.once(secure === undefined ? "connect" : "secureConnect", () => clearTimeout(connectTimer));
      });
      outgoing.once("close", () => clearTimeout(connectTimer));
      // Without a listener, Node would close the connection without an error.
      outgoing.once("upgrade", (_response, socket) => {
        socket.destroy();
        reject(new SyntaxError("it switched to another protocol"));
      });
      outgoing.once("response", (response) => {
        resolve({ status: response.statusCode as number, headers: response.headers, body: response });
      });
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        // The server closed a kept-alive connection just as it was used again. What is harmless to repeat is sent on a new
        // connection, as Node's documentation advises.
        if (outgoing.reusedSocket && error.code === "ECONNRESET" && request.repeatable) {
          send(request).then(resolve, reject);
        } else reject(error);
      });
      outgoing.end(request.body);
    });
  }

  return {
    send,
    async close() {
      agent.destroy();
    },
  };
}

const contentLength = ({ body }: EngineRequest) => String(body === undefined ? 0 : Buffer.byteLength(body));
