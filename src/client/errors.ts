/** What was asked, as far as a message needs it. Never holds a header: a token cannot leak through an error. */
export interface RequestDescription {
  readonly method: string;
  /** Scheme, host and port, e.g. `http://localhost:10000`. */
  readonly origin: string;
  /** Path with its query string, as sent. */
  readonly path: string;
}

/** Base of everything that the client throws on purpose. */
export abstract class TaskManagerError extends Error {
  readonly request: RequestDescription;

  constructor(request: RequestDescription, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.request = request;
  }
}

/** Code of an error that says that a proxy command ended before its connection did. */
export const PROXY_COMMAND_FAILED = "PROXY_COMMAND";

/** Codes of OpenSSL and Node for a connection that was refused before any request went over it. */
export const TLS_FAILURE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO$)/;

/** No answer came at all, or the connection broke before its end: refused, reset, unknown host, bad certificate. */
export class UnreachableError extends TaskManagerError {
  /** The system's code, e.g. `ECONNREFUSED`; empty where there is none. */
  readonly code: string;
  /** Whether the request may have reached the server, so that it may have acted on it. */
  readonly maybeSent: boolean;

  /** Whether asking again is of no use: a certificate or a protocol that is not accepted. */
  get isPermanent(): boolean {
    return TLS_FAILURE.test(this.code);
  }

  constructor(request: RequestDescription, reason: string, code: string, maybeSent: boolean, options?: ErrorOptions) {
    super(request, `cannot reach ${request.origin} (${request.method} ${request.path}): ${reason}`, options);
    this.code = code;
    this.maybeSent = maybeSent;
  }
}

/** The server answered with another status than success; redirects are not followed, so 3xx is one too. */
export class HttpStatusError extends TaskManagerError {
  readonly status: number;
  /** `message` of the server's error body, or its text where it is no such JSON; may be empty. */
  readonly serverMessage: string;

  constructor(request: RequestDescription, status: number, reason: string, serverMessage: string) {
    const answer = serverMessage === "" ? "" : `: ${serverMessage}`;
    super(
      request,
      `${request.method} ${request.path} on ${request.origin} answered ${`${status} ${reason}`.trim()}${answer}`,
    );
    this.status = status;
    this.serverMessage = serverMessage;
  }
}

/** The answer is no JSON, ends too early, or has not the shape that the API promises. */
export class UnreadableAnswerError extends TaskManagerError {
  constructor(request: RequestDescription, reason: string, options?: ErrorOptions) {
    super(request, `unreadable answer to ${request.method} ${request.path} from ${request.origin}: ${reason}`, options);
  }
}

/** The caller's time limit for one request ran out. */
export class RequestTimeoutError extends TaskManagerError {
  readonly timeoutMs: number;

  constructor(request: RequestDescription, timeoutMs: number) {
    super(
      request,
      `no answer from ${request.origin} within ${timeoutMs / 1000} s (${request.method} ${request.path}): it may be overloaded or behind a firewall`,
    );
    this.timeoutMs = timeoutMs;
  }
}

/** The caller's `AbortSignal` ended the request; `cause` is the signal's reason. */
export class RequestAbortedError extends TaskManagerError {
  constructor(request: RequestDescription, cause: unknown) {
    super(request, `${request.method} ${request.path} was aborted`, { cause });
  }
}

/** rest-api: 400. The node answered that it knows no such task or module. */
export function isRefusal(error: unknown): error is HttpStatusError {
  return error instanceof HttpStatusError && error.status === 400;
}

/** rest-api: 403. The task cannot be aborted. */
export function isNotAbortable(error: unknown): error is HttpStatusError {
  return error instanceof HttpStatusError && error.status === 403;
}
