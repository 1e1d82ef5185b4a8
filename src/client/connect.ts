import type { Duplex } from "node:stream";
import type { Engine, EngineOptions, TlsOptions } from "./engine.js";
import { TaskManagerClient } from "./task-manager.js";
import { type InvalidRow, Transport } from "./transport.js";

export interface ConnectOptions {
  /** `http://host:port`, or with `https:` and a path before the API's own. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: TlsOptions;
  /** A shell command whose stdin and stdout are the connection, with `%h`, `%p`, `%n` as in OpenSSH's ProxyCommand. */
  readonly proxyCommand?: string;
  /** Replaces `%n` in the proxy command. Default: the URL's host. */
  readonly name?: string;
  /** Limit for making a connection, in ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** How long the server may send nothing, except in calls that answer when their work has ended. In ms; default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Limit for a whole answer, except in calls that answer when their work has ended. In ms; default none. */
  readonly deadlineMs?: number;
  /** Limit for the bytes of one answer. Default 512 MB. */
  readonly maxResponseBytes?: number;
  /**
   * Called for each row of a list that is left out because its id or name is not a valid one. Without it, such a list is an
   * {@link UnreadableAnswerError}.
   */
  readonly onInvalidRow?: (row: InvalidRow) => void;
  /** Whether connections stay open for the next request. Default true. */
  readonly keepAlive?: boolean;
  /** How many connections stay open between requests. Default all. The library's own engine ignores it. */
  readonly maxIdleConnections?: number;
  /** Connections open at once. Default 32. */
  readonly maxConnections?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 32;
const MAX_RESPONSE_BYTES = 512 * 1024 * 1024;

/** Headers that only the engine sets, because they frame messages: a wrong one could mix up the answers to two requests. */
export const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Makes the engine that carries the requests: `http-engine.ts` for the command line, `undici-engine.ts` for the library. */
export type EngineFactory = (options: EngineOptions) => Engine | Promise<Engine>;

/**
 * Makes a client for one node. No connection is made before the first call.
 * @throws TypeError if the URL is neither http nor https, or a header is one of {@link RESERVED_HEADERS}
 */
export async function connectOver(createEngine: EngineFactory, options: ConnectOptions): Promise<TaskManagerClient> {
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new TypeError(`${options.url} is neither an http nor an https URL`);
  }
  const reserved = Object.keys(options.headers ?? {}).find((name) => RESERVED_HEADERS.has(name.toLowerCase()));
  if (reserved !== undefined) throw new TypeError(`the header ${reserved} is set by the client itself`);
  const engine = await createEngine({
    origin: url,
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    maxConnections: options.maxConnections ?? MAX_CONNECTIONS,
    keepAlive: options.keepAlive ?? true,
    maxIdleConnections: options.maxIdleConnections,
    tls: options.tls,
    openStream: await streamOpener(url, options),
  });
  return new TaskManagerClient(
    new Transport({
      engine,
      origin: url.origin,
      prefix: url.pathname.replace(/\/+$/, ""),
      headers: options.headers,
      idleTimeoutMs: options.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
      deadlineMs: options.deadlineMs,
      maxResponseBytes: options.maxResponseBytes ?? MAX_RESPONSE_BYTES,
      onInvalidRow: options.onInvalidRow,
    }),
  );
}

async function streamOpener(url: URL, options: ConnectOptions): Promise<(() => Duplex) | undefined> {
  const { proxyCommand } = options;
  if (proxyCommand === undefined) return undefined;
  const { openProxyCommand } = await import("./proxy-command.js");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  return () => openProxyCommand(proxyCommand, { host, port, name: options.name ?? host });
}
