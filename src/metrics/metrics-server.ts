import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UsageError } from "../usage-error.js";
import { acceptedForm } from "./accepted-form.js";
import type { MetricsForm } from "./exposition.js";

/** The address that a server listens on. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Where the server gets its answers. */
export interface MetricsSource {
  text(form: MetricsForm): Promise<string>;
  /** Whether polls work as they should, with a sentence about it. */
  health(): { readonly isOk: boolean; readonly text: string };
}

export interface MetricsServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A client that sends and reads nothing for this long is disconnected. */
const IDLE_MS = 30_000;
/** Timeout for receiving a whole request; a real one is only its headers. */
const REQUEST_MS = 10_000;
const MOST_CONNECTIONS = 100;
const MOST_HEADER_BYTES = 16 * 1024;

const PLAIN = "text/plain; charset=utf-8";
const INDEX = "scylla-tasks\n/metrics  metrics for Prometheus\n/healthz  whether they are up to date\n";

/** Serves metrics over HTTP until it is stopped. @throws Error if it cannot listen */
export async function serveMetrics(address: ListenAddress, source: MetricsSource): Promise<MetricsServer> {
  const server = createServer(
    {
      maxHeaderSize: MOST_HEADER_BYTES,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: 65_000,
    },
    (request, response) => {
      answer(request, response, source).catch(() => response.destroy());
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(IDLE_MS, (socket) => socket.destroy());
  await listening(server, address);
  const { port } = server.address() as AddressInfo;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return {
    url: `http://${host}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listening(server: Server, { host, port }: ListenAddress): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.removeListener("error", reject);
        resolve();
      });
    });
  } catch (error) {
    throw new Error(`cannot listen on ${host}:${port}: ${(error as Error).message}`, { cause: error });
  }
  // If a connection breaks while it is accepted, the others go on.
  server.on("error", () => {});
}

async function answer(request: IncomingMessage, response: ServerResponse, source: MetricsSource): Promise<void> {
  const { method, url = "", headers } = request;
  const [path] = url.split("?");
  const send = (status: number, type: string, body: string, more: Record<string, string> = {}) => {
    const length = Buffer.byteLength(body);
    response.writeHead(status, {
      "content-type": type,
      "content-length": length,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...more,
    });
    response.end(method === "HEAD" ? undefined : body);
  };
  if (path !== "/metrics" && path !== "/healthz" && path !== "/") return send(404, PLAIN, "not found\n");
  if (method !== "GET" && method !== "HEAD") {
    return send(405, PLAIN, "only GET and HEAD are supported\n", { allow: "GET, HEAD" });
  }
  if (path === "/") return send(200, PLAIN, INDEX);
  if (path === "/healthz") {
    const { isOk, text } = source.health();
    return send(isOk ? 200 : 503, PLAIN, `${text}\n`);
  }
  const form = acceptedForm(headers.accept);
  send(200, form, await source.text(form), { vary: "Accept" });
}

/** Reads `ADDRESS:PORT`, `[ADDRESS]:PORT`, `:PORT` or `PORT`; the default address is the loopback address. */
export function listenAddress(text: string): ListenAddress {
  const [, bracketed, plain, digits = ""] = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65_535) {
    throw new UsageError(
      `option '--listen <address:port>' argument '${text}' is invalid. It takes an address and a port, such as ${DEFAULT_ADDRESS}.`,
    );
  }
  return { host: (bracketed ?? plain) || "127.0.0.1", port };
}

export const DEFAULT_ADDRESS = "127.0.0.1:9185";

/** @throws UsageError if other machines could connect, and the user has not allowed it */
export function refuseIfPublic({ host }: ListenAddress, allowRemote: boolean): void {
  const isLoopback = host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
  if (isLoopback || allowRemote) return;
  throw new UsageError(
    `option '--listen <address:port>': other machines can reach ${host}, and there is no authentication: allow it with --allow-remote`,
  );
}
