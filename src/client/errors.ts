/** What was asked, as far as a message needs it. Never holds a header: a token cannot leak through an error. */
export interface RequestDescription {
  readonly method: string;
  /** Scheme, host and port, e.g. `http://localhost:10000`. */
  readonly origin: string;
  /** Path with its query string, as sent. */
  readonly path: string;
}

/** Which error of the family it is: for a `switch` that needs no classes. */
export type FailureKind = "unreachable" | "http-status" | "unreadable" | "timeout" | "aborted" | "closed";

/**
 * Base of everything that the client throws on purpose. The secrets of the request are masked in every message, whatever a server
 * put there.
 */
export abstract class TaskManagerError extends Error {
  abstract readonly kind: FailureKind;
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
  readonly kind = "unreachable";
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

/**
 * Whose the body of an error is: `scylla` where it has the form that each release gives it (rest-api: Errors), `json` where it is other
 * JSON or empty, `foreign` where it is neither, so that of a proxy on the way.
 */
export type ErrorBody = "scylla" | "json" | "foreign";

/** The server answered with another status than success; redirects are not followed, so 3xx is one too. */
export class HttpStatusError extends TaskManagerError {
  readonly kind = "http-status";
  readonly status: number;
  /** `message` of the server's error body, or its text where it is no such JSON; may be empty. */
  readonly serverMessage: string;
  readonly body: ErrorBody;

  constructor(
    request: RequestDescription,
    status: number,
    reason: string,
    serverMessage: string,
    body: ErrorBody = "scylla",
  ) {
    const answer = serverMessage === "" ? "" : `: ${serverMessage}`;
    super(
      request,
      `${request.method} ${request.path} on ${request.origin} answered ${`${status} ${reason}`.trim()}${answer}`,
    );
    this.status = status;
    this.serverMessage = serverMessage;
    this.body = body;
  }
}

/** The answer is not JSON, ends too early, is longer than the limit, or has not the shape that the API promises. */
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

  /** @param begun - whether a part of the answer came */
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

/** Every error of the family; its `kind` tells which it is. */
export type AnyTaskManagerError =
  | UnreachableError
  | HttpStatusError
  | UnreadableAnswerError
  | RequestTimeoutError
  | RequestAbortedError
  | ClientClosedError;

/** Whether the client threw it on purpose. */
export function isTaskManagerError(error: unknown): error is AnyTaskManagerError {
  return error instanceof TaskManagerError;
}

/** rest-api: Errors. The words are the same in each release; the module's have a C++ type before them. */
const NOT_KNOWN = /\b(?:task with id .+|module .+) not found\b|\bunknown repair id\b/is;

/**
 * rest-api: 400. The node itself answered that it knows no such task, module or repair. Any other 400, of a proxy on the way or of
 * the node about what it was asked, says nothing of that.
 */
export function isRefusal(error: unknown): error is HttpStatusError {
  return (
    error instanceof HttpStatusError &&
    error.status === 400 &&
    error.body === "scylla" &&
    NOT_KNOWN.test(error.serverMessage)
  );
}

/** rest-api: 408. The time of a wait is over; unless it is a proxy that says so of itself. */
export function isWaitTimeout(error: unknown): error is HttpStatusError {
  return error instanceof HttpStatusError && error.status === 408 && error.body !== "foreign";
}

/** Why a task could not be aborted; what the server said of it is in the error's `serverMessage`. */
export type NotAbortableReason =
  /** rest-api: 403. It never can be. */
  | "never"
  /** semantics 24. It could while it was queued, and has begun. */
  | "running"
  /** semantics 24. A node joins, or takes another's place. */
  | "joining"
  /** semantics 24. It has ended, or is not in the queue that can be aborted. */
  | "not-queued";

const NOT_ABORTABLE: readonly (readonly [RegExp, NotAbortableReason])[] = [
  [/\balready running and cannot be aborted/i, "running"],
  [/\bcannot abort (join|replace|[\w-]+) request\b/i, "joining"],
  [/\bDon't know how to abort\b/i, "not-queued"],
];

/** @returns why the task could not be aborted, or `undefined` where the abort failed for another reason */
export function notAbortableReason(error: unknown): NotAbortableReason | undefined {
  if (!(error instanceof HttpStatusError)) return undefined;
  if (error.status === 403) return error.body === "foreign" ? undefined : "never";
  if (error.status !== 500) return undefined;
  return NOT_ABORTABLE.find(([pattern]) => pattern.test(error.serverMessage))?.[1];
}

/** The task cannot be aborted, at all or at this time: {@link notAbortableReason} tells why. */
export function isNotAbortable(error: unknown): error is HttpStatusError {
  return notAbortableReason(error) !== undefined;
}
