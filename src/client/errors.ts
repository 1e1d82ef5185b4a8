/** The request, for messages. It has no headers, so that no token can leak through an error. */
export interface RequestDescription {
  readonly method: string;
  /** Scheme, host and port, e.g. `http://localhost:10000`. */
  readonly origin: string;
  /** Path with its query string, as sent. */
  readonly path: string;
}

/** The kind of error, for a `switch`. */
export type FailureKind = "unreachable" | "http-status" | "unreadable" | "timeout" | "aborted" | "closed";

/** Base of all errors of the client. Secrets of the request are masked in the message, even if the server repeats them. */
export abstract class TaskManagerError extends Error {
  abstract readonly kind: FailureKind;
  readonly request: RequestDescription;

  constructor(request: RequestDescription, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.request = request;
  }
}

/** The code of an error of a proxy command. */
export const PROXY_COMMAND_FAILED = "PROXY_COMMAND";

/** Codes of OpenSSL and Node for a TLS connection that failed before a request was sent. */
export const TLS_FAILURE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO$)/;

/** There was no answer, or the connection broke before its end: refused, reset, unknown host, bad certificate. */
export class UnreachableError extends TaskManagerError {
  readonly kind = "unreachable";
  /** The system's code, e.g. `ECONNREFUSED`; may be empty. */
  readonly code: string;
  /** Whether the server may have received the request, and acted on it. */
  readonly maybeSent: boolean;

  /** Whether trying again is pointless: a TLS failure. */
  get isPermanent(): boolean {
    return TLS_FAILURE.test(this.code);
  }

  constructor(request: RequestDescription, reason: string, code: string, maybeSent: boolean, options?: ErrorOptions) {
    super(request, `cannot reach ${request.origin} (${request.method} ${request.path}): ${reason}`, options);
    this.code = code;
    this.maybeSent = maybeSent;
  }
}

/**
 * The form of an error's body: `scylla` is that of all releases (rest-api: Errors), `json` is other JSON or nothing, `foreign` is
 * anything else, which a proxy must have sent.
 */
export type ErrorBody = "scylla" | "json" | "foreign";

/** The server answered with an error status, or with a redirect, which is not followed. */
export class HttpStatusError extends TaskManagerError {
  readonly kind = "http-status";
  readonly status: number;
  /** The `message` of the server's error body, or its text if it has none; may be empty. */
  readonly serverMessage: string;
  readonly body: ErrorBody;
  /** When to ask again, as the answer says it: seconds, or an HTTP date. */
  readonly retryAfter: string | undefined;

  constructor(
    request: RequestDescription,
    status: number,
    reason: string,
    serverMessage: string,
    body: ErrorBody = "scylla",
    retryAfter?: string,
  ) {
    const answer = serverMessage === "" ? "" : `: ${serverMessage}`;
    super(
      request,
      `${request.method} ${request.path} on ${request.origin} answered ${`${status} ${reason}`.trim()}${answer}`,
    );
    this.status = status;
    this.serverMessage = serverMessage;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

/** The answer is not JSON, ends too early, is longer than the limit, or does not have the promised shape. */
export class UnreadableAnswerError extends TaskManagerError {
  readonly kind = "unreadable";

  constructor(request: RequestDescription, reason: string, options?: ErrorOptions) {
    super(request, `unreadable answer to ${request.method} ${request.path} from ${request.origin}: ${reason}`, options);
  }
}

/** The caller's time limit for one request ran out. */
export class RequestTimeoutError extends TaskManagerError {
  readonly kind = "timeout";
  readonly timeoutMs: number;

  /** @param begun - whether a part of the answer has arrived */
  constructor(request: RequestDescription, timeoutMs: number, begun = false) {
    const limit = `within ${timeoutMs / 1000} s (${request.method} ${request.path})`;
    super(
      request,
      begun
        ? `the answer from ${request.origin} did not end ${limit}`
        : `no answer from ${request.origin} ${limit}: it may be overloaded or behind a firewall`,
    );
    this.timeoutMs = timeoutMs;
  }
}

/** The caller's `AbortSignal` ended the request; `cause` is the signal's reason. */
export class RequestAbortedError extends TaskManagerError {
  readonly kind = "aborted";

  constructor(request: RequestDescription, cause: unknown) {
    super(request, `${request.method} ${request.path} was aborted`, { cause });
  }
}

/** The client was closed before the request, or while it was under way. */
export class ClientClosedError extends TaskManagerError {
  readonly kind = "closed";

  constructor(request: RequestDescription) {
    super(request, `the client of ${request.origin} is closed (${request.method} ${request.path})`);
  }
}

/** All errors of the client; `kind` tells them apart. */
export type AnyTaskManagerError =
  | UnreachableError
  | HttpStatusError
  | UnreadableAnswerError
  | RequestTimeoutError
  | RequestAbortedError
  | ClientClosedError;

/** Whether it is an error of the client. */
export function isTaskManagerError(error: unknown): error is AnyTaskManagerError {
  return error instanceof TaskManagerError;
}

/** Whether a request failed: neither was it aborted, nor is the error another one. */
export function isRequestFailure(error: unknown): error is TaskManagerError {
  return error instanceof TaskManagerError && !(error instanceof RequestAbortedError);
}

/** rest-api: Errors. All releases have the same texts; that of modules follows a C++ type. */
const NOT_KNOWN = /\b(?:task with id .+|module .+) not found\b|\bunknown repair id\b/is;

/**
 * Whether the node itself answered that it knows no such task, module or repair (rest-api: 400). Other answers with 400, of a proxy
 * or about wrong parameters, do not mean that.
 */
export function isRefusal(error: unknown): error is HttpStatusError {
  return (
    error instanceof HttpStatusError &&
    error.status === 400 &&
    error.body === "scylla" &&
    NOT_KNOWN.test(error.serverMessage)
  );
}

/** Whether the timeout of a wait is over (rest-api: 408), and it is not a proxy that timed out. */
export function isWaitTimeout(error: unknown): error is HttpStatusError {
  return error instanceof HttpStatusError && error.status === 408 && error.body !== "foreign";
}

/** Why a task could not be aborted; the server's words are in the error's `serverMessage`. */
export type NotAbortableReason =
  /** rest-api: 403. It is not abortable. */
  | "never"
  /** semantics 24. It is no longer queued. */
  | "running"
  /** semantics 24. A node joins or replaces another. */
  | "joining"
  /** semantics 24. It has ended, or the queue does not know it. */
  | "not-queued";

const NOT_ABORTABLE: readonly (readonly [RegExp, NotAbortableReason])[] = [
  [/\balready running and cannot be aborted/i, "running"],
  [/\bcannot abort (join|replace|[\w-]+) request\b/i, "joining"],
  [/\bDon't know how to abort\b/i, "not-queued"],
];

/** @returns why the task could not be aborted, or `undefined` if the abort failed for another reason */
export function notAbortableReason(error: unknown): NotAbortableReason | undefined {
  if (!(error instanceof HttpStatusError)) return undefined;
  if (error.status === 403) return error.body === "foreign" ? undefined : "never";
  if (error.status !== 500) return undefined;
  return NOT_ABORTABLE.find(([pattern]) => pattern.test(error.serverMessage))?.[1];
}

/** Whether the task cannot be aborted, ever or now: {@link notAbortableReason} tells why. */
export function isNotAbortable(error: unknown): error is HttpStatusError {
  return notAbortableReason(error) !== undefined;
}
