import { setMaxListeners } from "node:events";
import { STATUS_CODES } from "node:http";
import type { Readable } from "node:stream";
import { ByteBuffer } from "./byte-buffer.js";
import type { Engine, EngineResponse } from "./engine.js";
import {
  ClientClosedError,
  type ErrorBody,
  HttpStatusError,
  PROXY_COMMAND_FAILED,
  RequestAbortedError,
  type RequestDescription,
  RequestTimeoutError,
  TaskManagerError,
  TLS_FAILURE,
  UnreachableError,
  UnreadableAnswerError,
} from "./errors.js";
import { checkStructure, parseJson } from "./json.js";
import { readJsonArray } from "./json-array.js";
import { SecretMask } from "./secret-mask.js";
import { UnusableNameError, WireError } from "./wire.js";

export interface TransportRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path segments below the prefix; each is percent-encoded. */
  readonly path: readonly string[];
  /** Sent in this order; those that are `undefined` are left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Limit for the whole answer. Default: none. */
  readonly timeoutMs?: number;
  /** Whether the call answers when its work has ended, which may take days: the transport's own limits do not apply. */
  readonly isLong?: boolean;
  /** Whether sending it twice is harmless. Default: true for a GET. */
  readonly repeatable?: boolean;
}

export interface TransportOptions {
  readonly engine: Engine;
  readonly origin: string;
  /** Put before the path of each request; without a slash at its end. */
  readonly prefix?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the server may send nothing. */
  readonly idleTimeoutMs: number;
  /** Limit for a whole answer. Default: none. */
  readonly deadlineMs?: number;
  /** Limit for the bytes of an answer. */
  readonly maxResponseBytes: number;
  /** Whether every status from 200 to 299 is a success; for servers other than ScyllaDB. */
  readonly acceptsAnySuccess?: boolean;
  /** Called for each row of a list that is left out because of its id. Without it, such a list is an unreadable answer. */
  readonly onInvalidRow?: (row: InvalidRow) => void;
}

/** A row of a list that was left out. */
export interface InvalidRow {
  readonly request: RequestDescription;
  /** Its index in the answer, from 0. */
  readonly index: number;
  /** What is wrong with it, for a message. */
  readonly reason: string;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** No status, id or list of names is as long. Without a limit, an endless answer would fill the memory. */
const MAX_VALUE_BYTES = 32 * 1024 * 1024;
/** How much of an error body is read. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;
/** How many rows of a list may be left out. An answer with more of them is no list of tasks, and each costs an error object. */
const MAX_INVALID_ROWS = 10_000;
const MAX_SERVER_MESSAGE_CHARACTERS = 4000;
const MAX_TEXT_CHARACTERS = 300;
const MAX_QUOTED_CHARACTERS = 60;

/** Sends requests and reads their answers. All that goes wrong is thrown as one of the errors of `errors.ts`. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #mask: SecretMask;
  #isClosed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#mask = new SecretMask(options.headers);
  }

  get origin(): string {
    return this.#options.origin;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#options.engine.close();
  }

  /** Reads a JSON answer. `read` throws a {@link WireError} if its shape is wrong. */
  json<T>(request: TransportRequest, read: (value: unknown) => T): Promise<T> {
    return this.optionalJson(request, (value) => {
      if (value === undefined) throw new SyntaxError("the answer is empty");
      return read(value);
    });
  }

  /** As {@link json}, but the answer may be empty: `read` then gets `undefined`. */
  optionalJson<T>(request: TransportRequest, read: (value: unknown) => T): Promise<T> {
    return this.#exchange(request, async (response, watch) => {
      const bytes = await this.#readWhole(response.body, watch);
      checkStructure(bytes);
      const text = bytes.toString("utf8");
      return read(text.trim() === "" ? undefined : parseJson(text, this.#mask));
    });
  }

  /** For calls without a result. The answer is empty, or JSON that is ignored (nodetool contract). */
  nothing(request: TransportRequest): Promise<void> {
    return this.optionalJson(request, () => {});
  }

  /**
   * Reads a JSON array while it arrives.
   * @returns batches of elements; the request is sent when the first batch is asked for
   */
  async *array<T>(request: TransportRequest, read: (value: unknown, where: () => string) => T): AsyncGenerator<T[]> {
    const description = this.#describe(request);
    const watch = this.#watch(request, description);
    let body: Readable | undefined;
    try {
      const response = await this.#send(request, description, watch);
      body = response.body;
      let index = 0;
      let leftOut = 0;
      for await (const batch of readJsonArray(pieces(body, watch, this.#options.maxResponseBytes), this.#mask)) {
        const rows = this.#readRows(batch, index, read, description);
        index += batch.length;
        leftOut += batch.length - rows.length;
        if (leftOut > MAX_INVALID_ROWS) throw new SyntaxError(`more than ${MAX_INVALID_ROWS} of its rows are invalid`);
        // The time that the caller takes is not the server's.
        watch.pause();
        yield rows;
        watch.beat();
      }
    } catch (error) {
      throw this.#translate(error, description, watch);
    } finally {
      watch.stop();
      body?.destroy();
    }
  }

  #readRows<T>(
    batch: readonly unknown[],
    first: number,
    read: (value: unknown, where: () => string) => T,
    request: RequestDescription,
  ): T[] {
    const { onInvalidRow } = this.#options;
    const rows: T[] = [];
    for (const [offset, element] of batch.entries()) {
      const index = first + offset;
      try {
        rows.push(read(element, () => `element ${index} of the answer`));
      } catch (error) {
        if (onInvalidRow === undefined || !(error instanceof UnusableNameError)) throw error;
        onInvalidRow({ request, index, reason: this.#reasonOf(error) });
      }
    }
    return rows;
  }

  async #exchange<T>(
    request: TransportRequest,
    use: (response: EngineResponse, watch: Watch) => Promise<T>,
  ): Promise<T> {
    const description = this.#describe(request);
    const watch = this.#watch(request, description);
    try {
      return await use(await this.#send(request, description, watch), watch);
    } catch (error) {
      throw this.#translate(error, description, watch);
    } finally {
      watch.stop();
    }
  }

  /** @throws RequestAbortedError if the signal was aborted before: a command that ends may have thousands of requests in line */
  #watch(request: TransportRequest, description: RequestDescription): Watch {
    if (request.signal?.aborted) throw new RequestAbortedError(description, request.signal.reason);
    const { idleTimeoutMs, deadlineMs = Number.POSITIVE_INFINITY } = this.#options;
    const own = request.isLong === true ? Number.POSITIVE_INFINITY : deadlineMs;
    return new Watch(request.signal, {
      idleMs: request.isLong === true ? Number.POSITIVE_INFINITY : idleTimeoutMs,
      totalMs: Math.min(own, request.timeoutMs ?? Number.POSITIVE_INFINITY),
    });
  }

  async #send(request: TransportRequest, description: RequestDescription, watch: Watch): Promise<EngineResponse> {
    if (this.#isClosed) throw new ClientClosedError(description);
    const { engine, headers } = this.#options;
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const response = await engine.send({
      method: request.method,
      path: description.path,
      headers: {
        accept: "application/json",
        ...headers,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body,
      signal: watch.signal,
      repeatable: request.repeatable ?? request.method === "GET",
    });
    watch.hasBegun = true;
    watch.beat();
    const { status } = response;
    if (status === 200 || (status === 204 && request.method !== "GET")) return response;
    if (status >= 200 && status < 300) {
      if (this.#options.acceptsAnySuccess) return response;
      response.body.destroy();
      // 206 would be a part of an answer, and 202 none yet.
      const reason = `its status is ${`${status} ${nameOfStatus(status)}`.trim()}, not 200`;
      throw new UnreadableAnswerError(description, reason);
    }
    throw await statusError(response, description, watch, this.#mask);
  }

  /** @throws SyntaxError if the answer is too long for one value */
  async #readWhole(body: Readable, watch: Watch): Promise<Buffer> {
    const buffer = new ByteBuffer();
    for await (const piece of pieces(body, watch, this.#options.maxResponseBytes)) {
      buffer.append(piece);
      if (buffer.length > MAX_VALUE_BYTES) throw new SyntaxError("the answer does not end");
    }
    return buffer.view;
  }

  #reasonOf(error: WireError): string {
    return error.describe((text) => this.#mask.quote(text, MAX_QUOTED_CHARACTERS));
  }

  /** Turns an error into one of `errors.ts`, unless it is a fault of this program. */
  #translate(error: unknown, description: RequestDescription, watch: Watch): unknown {
    if (error instanceof TaskManagerError) return error;
    if (watch.abortedByCaller) return new RequestAbortedError(description, watch.reason);
    if (watch.exceeded !== undefined) {
      const { ms, inSilence } = watch.exceeded;
      return new RequestTimeoutError(description, ms, watch.hasBegun && !inSilence);
    }
    if (this.#isClosed) return new ClientClosedError(description);
    // They are no `cause`, because only the message is masked.
    if (error instanceof WireError) return new UnreadableAnswerError(description, this.#reasonOf(error));
    if (error instanceof SyntaxError) return new UnreadableAnswerError(description, this.#mask.clean(error.message));
    // Happy Eyeballs: one error for each address of the name. The first is enough.
    const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
    if (!(first instanceof Error) || first instanceof TypeError || first instanceof RangeError) return first;
    const cause: NodeJS.ErrnoException = first;
    const code = cause.code ?? "";
    const message = this.#mask.clean(wordsOf(cause));
    if (code.startsWith("HPE_") || cause.name === "HTTPParserError") {
      return new UnreadableAnswerError(description, `it is not HTTP (${message})`, { cause });
    }
    // The same codes also come from a connection that was made, and broke later.
    const hasBroken = NOT_SENT.has(code) && (cause.syscall === "read" || cause.syscall === "write");
    const reason = REASONS.get(hasBroken ? "ECONNRESET" : code) ?? (isOwn(code) ? message : `${message} (${code})`);
    const maybeSent = hasBroken || !(NOT_SENT.has(code) || TLS_FAILURE.test(code));
    return new UnreachableError(description, reason, code, maybeSent, { cause });
  }

  #describe(request: TransportRequest): RequestDescription {
    const { origin, prefix = "" } = this.#options;
    const query = Object.entries(request.query ?? {})
      .filter((entry): entry is [string, string] => entry[1] !== undefined)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join("&");
    const path = `${prefix}/${request.path.map(encodeURIComponent).join("/")}${query === "" ? "" : `?${query}`}`;
    return { method: request.method, origin, path };
  }
}

/** Joins the caller's signal and the time limits of a request into one signal, and remembers which of them it was. */
class Watch {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #idleMs: number;
  readonly #onAbort = () => this.#controller.abort();
  #idleTimer: NodeJS.Timeout | undefined;
  readonly #totalTimer: NodeJS.Timeout | undefined;
  /** Whether the answer has begun. */
  hasBegun = false;
  /** The limit that was exceeded, in milliseconds, and whether it was the one for silence. */
  exceeded: { readonly ms: number; readonly inSilence: boolean } | undefined;

  /** @param limits - in milliseconds; `Infinity` for none */
  constructor(caller: AbortSignal | undefined, limits: { readonly idleMs: number; readonly totalMs: number }) {
    this.#caller = caller;
    // Many requests may share a signal; Node would warn of a leak at more than ten listeners.
    if (caller !== undefined) setMaxListeners(0, caller);
    caller?.addEventListener("abort", this.#onAbort, { once: true });
    this.#idleMs = limits.idleMs;
    this.#idleTimer = this.#limit(limits.idleMs, true);
    this.#totalTimer = this.#limit(limits.totalMs, false);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get abortedByCaller(): boolean {
    return this.#caller?.aborted === true;
  }

  get reason(): unknown {
    return this.#caller?.reason;
  }

  /** Something has arrived: restarts the limit for silence. */
  beat(): void {
    if (this.#idleTimer === undefined) this.#idleTimer = this.#limit(this.#idleMs, true);
    else this.#idleTimer.refresh();
  }

  /** Stops the limit for silence until the next {@link beat}. */
  pause(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
  }

  stop(): void {
    this.pause();
    clearTimeout(this.#totalTimer);
    this.#caller?.removeEventListener("abort", this.#onAbort);
  }

  /** A timer of Node can be 24.8 days at most; a longer limit is no limit. */
  #limit(ms: number, inSilence: boolean): NodeJS.Timeout | undefined {
    if (ms > LONGEST_TIMER_MS) return undefined;
    return setTimeout(() => {
      this.exceeded = { ms, inSilence };
      this.#controller.abort();
    }, ms);
  }
}

/** @throws SyntaxError after `maxBytes` */
async function* pieces(body: Readable, watch: Watch, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    watch.beat();
    bytes += piece.byteLength;
    if (bytes > maxBytes) {
      throw new SyntaxError(`it is larger than ${sizeText(maxBytes)}; raise the limit with --max-response`);
    }
    yield piece;
  }
}

function sizeText(bytes: number): string {
  const megabytes = bytes / (1024 * 1024);
  return megabytes >= 1 ? `${Math.round(megabytes)} MB` : `${bytes} bytes`;
}

/** Reads an error body, up to a limit or until it breaks off: the status counts, not the body. */
async function readErrorBody(body: Readable, watch: Watch): Promise<string> {
  const buffer = new ByteBuffer();
  try {
    for await (const piece of pieces(body, watch, Number.POSITIVE_INFINITY)) {
      buffer.append(piece);
      if (buffer.length > MAX_ERROR_BODY_BYTES) break;
    }
  } catch {
    // What has arrived is enough.
  }
  return buffer.view.toString("utf8");
}

async function statusError(
  response: EngineResponse,
  description: RequestDescription,
  watch: Watch,
  mask: SecretMask,
): Promise<HttpStatusError> {
  const { status, headers } = response;
  const { message, body } = readError(mask.cleanCutOff(await readErrorBody(response.body, watch)), status);
  const target = status >= 300 && status < 400 ? headers.location : undefined;
  const redirection = target && `redirects to ${mask.quote(target, MAX_TEXT_CHARACTERS)}, which is not followed`;
  return new HttpStatusError(
    description,
    status,
    nameOfStatus(status),
    redirection ?? message,
    body,
    headers["retry-after"],
  );
}

const nameOfStatus = (status: number) => STATUS_CODES[status] ?? "";

/** @param text - the body of an error, with secrets masked */
function readError(text: string, status: number): { readonly message: string; readonly body: ErrorBody } {
  const trimmed = text.trim();
  if (trimmed === "") return { message: "", body: "json" };
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    return { message: foreignMessage(trimmed), body: "foreign" };
  }
  const { message, code } = (value ?? {}) as { readonly message?: unknown; readonly code?: unknown };
  // The text as it came: JSON.stringify could exhaust the stack on deeply nested brackets.
  if (typeof message !== "string") return { message: shortened(trimmed, MAX_SERVER_MESSAGE_CHARACTERS), body: "json" };
  return { message: shortened(message, MAX_SERVER_MESSAGE_CHARACTERS), body: code === status ? "scylla" : "json" };
}

function foreignMessage(text: string): string {
  if (!/^<(!doctype|html)/i.test(text)) return shortened(text, MAX_TEXT_CHARACTERS);
  const title = /<title>([^<]*)/i.exec(text)?.[1]?.trim();
  return `an HTML page${title === undefined ? "" : ` (${shortened(title, MAX_TEXT_CHARACTERS)})`}, so from a proxy and not from ScyllaDB`;
}

const shortened = (text: string, maxCharacters: number) =>
  text.length > maxCharacters ? `${text.slice(0, maxCharacters)}...` : text;

/** Codes of errors before a request can have been sent. */
const NOT_SENT = new Set([
  "ECONNREFUSED",
  "EMFILE",
  "ENFILE",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ETIMEDOUT",
]);

/** Not a code of the system. */
const isOwn = (code: string): boolean => code === "" || code === PROXY_COMMAND_FAILED;

const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ECONNREFUSED: "connection refused: is ScyllaDB running there, and is this the port of its REST API?",
    ECONNRESET: "the connection broke before the answer was complete",
    UND_ERR_SOCKET: "the connection broke before the answer was complete",
    EPIPE: "the connection broke before the request was sent",
    ENOTFOUND: "no such host",
    EAI_AGAIN: "the host name could not be resolved",
    EMFILE:
      "too many open files and connections in this process; query fewer nodes at once (--concurrency), or raise `ulimit -n`",
    ENFILE: "too many open files and connections on this machine",
    EHOSTUNREACH: "no route to the host",
    ENETUNREACH: "no route to the network",
    ETIMEDOUT: "the connection timed out",
    UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
  }),
);

/** OpenSSL's own words, without the source files and lines that Node adds. */
function wordsOf({ message }: Error): string {
  const [, words] = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(message) ?? [];
  const advice = words === "wrong version number" ? ": does this port speak HTTPS?" : "";
  return words === undefined ? message : `TLS: ${words}${advice}`;
}
