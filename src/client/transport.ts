import { STATUS_CODES } from "node:http";
import type { Readable } from "node:stream";
import type { Engine, EngineResponse } from "./engine.js";
import {
  HttpStatusError,
  RequestAbortedError,
  type RequestDescription,
  RequestTimeoutError,
  TaskManagerError,
  TLS_FAILURE,
  UnreachableError,
  UnreadableAnswerError,
} from "./errors.js";
import { readJsonArray } from "./json-array.js";
import { WireError } from "./wire.js";

export interface TransportRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Path segments below the prefix; each is percent-encoded. */
  readonly path: readonly string[];
  /** Parameters in the order in which they are sent; an `undefined` one is left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Limit for silence: no byte of the answer for so long. `Infinity` for none. Default: the transport's. */
  readonly idleTimeoutMs?: number;
  /** Limit for the whole answer. Default: none. */
  readonly timeoutMs?: number;
  /** The one status that is success. Default: every one from 200 to 299. */
  readonly status?: number;
  /** Whether sending it twice is harmless. Default: whether it is a GET. */
  readonly repeatable?: boolean;
}

export interface TransportOptions {
  readonly engine: Engine;
  readonly origin: string;
  /** Path before every request's own, without a slash at its end. */
  readonly prefix?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly idleTimeoutMs: number;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** No single status, id or list of names is as long; without a limit, an answer without end would fill the memory. */
const MAX_VALUE_BYTES = 64 * 1024 * 1024;
/** A shorter value of a header is a word that any message may hold. */
const SHORTEST_SECRET = 6;
/** More of an error body than this tells nobody anything. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** Sends a request and reads its answer; whatever goes wrong comes out as one of the error family. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  get origin(): string {
    return this.#options.origin;
  }

  close(): Promise<void> {
    return this.#options.engine.close();
  }

  /** Reads a JSON answer through `read`, which throws a {@link WireError} where the shape is wrong. */
  json<T>(request: TransportRequest, read: (value: unknown) => T): Promise<T> {
    return this.#exchange(request, async (response, watch) => {
      const text = await readWhole(response.body, watch);
      if (text.trim() === "") throw new SyntaxError("the answer is empty");
      return read(JSON.parse(text));
    });
  }

  /** A call without a result: its answer is empty, or any JSON, which is dropped (nodetool-tasks). */
  nothing(request: TransportRequest): Promise<void> {
    return this.#exchange(request, async (response, watch) => {
      const text = await readWhole(response.body, watch);
      if (text.trim() !== "") JSON.parse(text);
    });
  }

  /**
   * Reads a JSON array while it arrives.
   * @returns batches of elements, read through `read`; the request is sent when the first one is asked for
   */
  async *array<T>(request: TransportRequest, read: (value: unknown, where: () => string) => T): AsyncGenerator<T[]> {
    const description = this.#describe(request);
    const watch = new Watch(request, this.#options.idleTimeoutMs);
    let body: Readable | undefined;
    try {
      const response = await this.#send(request, description, watch);
      body = response.body;
      let index = 0;
      for await (const batch of readJsonArray(beats(body, watch))) {
        const first = index;
        yield batch.map((element, offset) => read(element, () => `element ${first + offset} of the answer`));
        index += batch.length;
      }
    } catch (error) {
      throw translate(error, description, watch);
    } finally {
      watch.stop();
      body?.destroy();
    }
  }

  async #exchange<T>(
    request: TransportRequest,
    use: (response: EngineResponse, watch: Watch) => Promise<T>,
  ): Promise<T> {
    const description = this.#describe(request);
    const watch = new Watch(request, this.#options.idleTimeoutMs);
    try {
      return await use(await this.#send(request, description, watch), watch);
    } catch (error) {
      throw translate(error, description, watch);
    } finally {
      watch.stop();
    }
  }

  async #send(request: TransportRequest, description: RequestDescription, watch: Watch): Promise<EngineResponse> {
    const { engine, headers } = this.#options;
    const response = await engine.send({
      method: request.method,
      path: description.path,
      headers: { accept: "application/json", ...headers },
      signal: watch.signal,
      repeatable: request.repeatable ?? request.method === "GET",
    });
    watch.beat();
    const { status } = response;
    if (request.status === undefined ? status >= 200 && status < 300 : status === request.status) return response;
    throw await statusError(response, description, watch, this.#secrets);
  }

  /** What a server may send back of the headers, and nobody should read: `Bearer` and the like are no secrets. */
  get #secrets(): string[] {
    return Object.values(this.#options.headers ?? {})
      .map((value) => value.split(" ").at(-1) ?? "")
      .filter((secret) => secret.length >= SHORTEST_SECRET);
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

/** Joins the caller's signal and the request's time limits into one signal, and remembers which of them it was. */
class Watch {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #idleTimeoutMs: number;
  readonly #onAbort = () => this.#controller.abort();
  #idleTimer: NodeJS.Timeout | undefined;
  #totalTimer: NodeJS.Timeout | undefined;
  /** The limit that ran out, in milliseconds. */
  exceededMs: number | undefined;

  constructor(request: TransportRequest, defaultIdleTimeoutMs: number) {
    this.#caller = request.signal;
    if (this.#caller?.aborted) this.#controller.abort();
    this.#caller?.addEventListener("abort", this.#onAbort, { once: true });
    this.#idleTimeoutMs = request.idleTimeoutMs ?? defaultIdleTimeoutMs;
    if (Number.isFinite(this.#idleTimeoutMs)) this.#idleTimer = this.#limit(this.#idleTimeoutMs);
    if (request.timeoutMs !== undefined) this.#totalTimer = this.#limit(request.timeoutMs);
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

  /** Something arrived: silence starts anew. */
  beat(): void {
    this.#idleTimer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#totalTimer);
    this.#caller?.removeEventListener("abort", this.#onAbort);
  }

  /** A timer of Node holds 24.8 days at the most; a longer limit is as good as none. */
  #limit(ms: number): NodeJS.Timeout | undefined {
    if (ms > LONGEST_TIMER_MS) return undefined;
    return setTimeout(() => {
      this.exceededMs = ms;
      this.#controller.abort();
    }, ms);
  }
}

async function* beats(body: Readable, watch: Watch): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    watch.beat();
    yield chunk as Uint8Array;
  }
}

async function readText(body: Readable, watch: Watch, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of beats(body, watch)) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > maxBytes) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** @throws SyntaxError where the text is longer than any answer of one value can be */
async function readWhole(body: Readable, watch: Watch): Promise<string> {
  const text = await readText(body, watch, MAX_VALUE_BYTES);
  if (text.length >= MAX_VALUE_BYTES) throw new SyntaxError("the answer has no end in sight");
  return text;
}

async function statusError(
  response: EngineResponse,
  description: RequestDescription,
  watch: Watch,
  secrets: readonly string[],
): Promise<HttpStatusError> {
  const { status, headers } = response;
  let message: string;
  try {
    message = messageOf(await readText(response.body, watch, MAX_ERROR_BODY_BYTES));
  } catch {
    // The status is what counts; a body that breaks off adds nothing to it.
    message = "";
  }
  if (status >= 300 && status < 400 && headers.location !== undefined) {
    message = `redirects to ${headers.location}, which is not followed`;
  }
  // A server that repeats the token, to say that it is wrong, does so to the terminal or the log of whoever sees the error.
  for (const secret of secrets) message = message.replaceAll(secret, "********");
  return new HttpStatusError(description, status, STATUS_CODES[status] ?? "", message);
}

function messageOf(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const message = (value as { message?: unknown } | null)?.message;
    return typeof message === "string" ? message : JSON.stringify(value);
  } catch {
    const trimmed = text.trim();
    if (/^<(!doctype|html)/i.test(trimmed)) {
      const title = /<title>([^<]*)/i.exec(trimmed)?.[1]?.trim();
      return `an HTML page${title === undefined ? "" : ` (${title})`}, so a proxy's answer and not ScyllaDB's`;
    }
    return trimmed.length > 300 ? `${trimmed.slice(0, 300)}...` : trimmed;
  }
}

/** Codes of errors that arise before a request can have left. */
const NOT_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ETIMEDOUT",
]);

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused: is ScyllaDB running there, and is this the port of its REST API?",
  ECONNRESET: "the connection broke before the answer was complete",
  UND_ERR_SOCKET: "the connection broke before the answer was complete",
  EPIPE: "the connection broke before the request was sent",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name of the host could not be resolved",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ETIMEDOUT: "no connection was made in time",
  UND_ERR_CONNECT_TIMEOUT: "no connection was made in time",
};

/** OpenSSL's own words, without the names and lines of its source files that Node puts around them. */
function wordsOf({ message }: Error): string {
  const [, words] = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(message) ?? [];
  return words === undefined ? message : `TLS: ${words}`;
}

function translate(error: unknown, description: RequestDescription, watch: Watch): TaskManagerError {
  if (watch.abortedByCaller) return new RequestAbortedError(description, watch.reason);
  if (watch.exceededMs !== undefined) return new RequestTimeoutError(description, watch.exceededMs);
  if (error instanceof TaskManagerError) return error;
  if (error instanceof SyntaxError || error instanceof WireError) {
    return new UnreadableAnswerError(description, error.message, { cause: error });
  }
  // Happy Eyeballs: one error for all the addresses of a name, the first of which tells enough.
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const cause: NodeJS.ErrnoException = first instanceof Error ? first : new Error(String(first));
  const code = cause.code ?? "";
  if (code.startsWith("HPE_") || cause.name === "HTTPParserError") {
    return new UnreadableAnswerError(description, `it is no HTTP (${cause.message})`, { cause });
  }
  const reason = REASONS[code] ?? (code === "" ? cause.message : `${wordsOf(cause)} (${code})`);
  return new UnreachableError(description, reason, code, !NOT_SENT.has(code) && !TLS_FAILURE.test(code), { cause });
}
