import type { IncomingHttpHeaders } from "node:http";
import type { Duplex, Readable } from "node:stream";

export interface EngineRequest {
  readonly method: string;
  /** Sent as it is: percent-encoded, with prefix and query string, and never normalised. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Whether sending it twice is harmless. False for all that starts work, the two GETs of the tasks API included. */
  readonly repeatable: boolean;
}

export interface EngineResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Must be read to its end or destroyed. */
  readonly body: Readable;
}

/**
 * One way to speak HTTP to one origin. Redirects are not followed, nothing is repeated, no status is an error, and there
 * is no time limit but for connecting: limits come as signals from the transport.
 */
export interface Engine {
  send(request: EngineRequest): Promise<EngineResponse>;
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Scheme, host and port. */
  readonly origin: URL;
  readonly connectTimeoutMs: number;
  /** How many connections at the most are open at once. */
  readonly maxConnections: number;
  readonly keepAlive: boolean;
  /** How many connections at the most stay open between requests, where they do; without it, all. For engines that keep more than one. */
  readonly maxIdleConnections?: number | undefined;
  readonly tls?: TlsOptions;
  /** Opens the stream to speak over, instead of a TCP connection to the origin. */
  readonly openStream?: () => Duplex;
}

export interface TlsOptions {
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Accept any certificate. */
  readonly insecure?: boolean;
}
