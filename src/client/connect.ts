import type { Duplex } from "node:stream";
import type { Engine, EngineOptions, TlsOptions } from "./engine.js";
import { TaskManagerClient } from "./task-manager.js";
import { Transport } from "./transport.js";

export interface ConnectOptions {
  /** `http://host:port`, or with `https:` and a path before the API's own. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: TlsOptions;
  /** A shell command whose stdin and stdout are the connection, with `%h`, `%p`, `%n` as in OpenSSH's ProxyCommand. */
  readonly proxyCommand?: string;
  /** What `%n` stands for in the proxy command. Default: the URL's host. */
  readonly name?: string;
  /** Limit for making a connection. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Limit for silence in an answer, but not for `waitTask`. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Whether connections stay open for the next request. Default true. */
  readonly keepAlive?: boolean;
  /** Connections open at once. Default 32. */
  readonly maxConnections?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 32;

/** Makes the engine that carries the requests: `http-engine.ts` for the command line, `undici-engine.ts` for the library. */
export type EngineFactory = (options: EngineOptions) => Engine | Promise<Engine>;

/**
 * Makes a client for one node. No connection is made before the first call.
 * @throws TypeError where the URL is none of http or https
 */
export async function connectOver(createEngine: EngineFactory, options: ConnectOptions): Promise<TaskManagerClient> {
  const url = new URL(options.url);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(`${options.url} is neither an http nor an https URL`);
  }
  const engine = await createEngine({
    origin: url,
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    maxConnections: options.maxConnections ?? MAX_CONNECTIONS,
    keepAlive: options.keepAlive ?? true,
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
