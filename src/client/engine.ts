import type { IncomingHttpHeaders } from "node:http";
import type { Duplex, Readable } from "node:stream";

export interface EngineRequest {
  readonly method: string;
  /** Percent-encoded, with prefix and query string. Sent as it is. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Whether sending it twice is harmless. False for every call that starts work, including the two that are GETs. */
  readonly repeatable: boolean;
}

export interface EngineResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Must be read to its end or destroyed. */
  readonly body: Readable;
}

/**
 * Sends HTTP requests to one origin. It does not follow redirects, no status is an error, and its only time limit is that for
 * connecting: the transport aborts the signal for all others.
 */
export interface Engine {
  send(request: EngineRequest): Promise<EngineResponse>;
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Scheme, host and port. */
  readonly origin: URL;
  readonly connectTimeoutMs: number;
  /** Most connections that are open at once. */
  readonly maxConnections: number;
  readonly keepAlive: boolean;
  /** Most connections that stay open between requests. Default: all. undici ignores it. */
  readonly maxIdleConnections?: number | undefined;
  readonly tls?: TlsOptions;
  /** Opens a stream to use instead of a TCP connection to the origin. */
  readonly openStream?: () => Duplex;
}

export interface TlsOptions {
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Accepts any certificate. */
  readonly insecure?: boolean;
}
