import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Clock } from "../domain/clock.js";
import { Random } from "../random.js";
import type { Fault, StartedTask } from "../scenarios/fault.js";
import { pathMatcher } from "./path-pattern.js";
import { errorJson } from "./wire.js";

/** A fault that was added and not removed. */
export interface ActiveFault {
  readonly id: number;
  readonly fault: Fault;
  /** How many requests it has affected. */
  readonly happened: number;
}

interface Entry {
  readonly id: number;
  readonly fault: Fault;
  happened: number;
  readonly fitsPath: ((path: string) => boolean) | undefined;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly random: Random;
}

/** Lets requests go wrong. If several faults match a request, the first one applies. */
export class FaultInjector {
  readonly #entries = new Map<number, Entry>();
  /** The faults of requests that the server processes, such as one that changes the task. */
  readonly #ofServed = new WeakMap<IncomingMessage, Fault>();
  #added = 0;

  constructor(
    private readonly clock: Clock,
    private readonly seed: number,
  ) {}

  get active(): readonly ActiveFault[] {
    return [...this.#entries.values()].map(({ id, fault, happened }) => ({ id, fault, happened }));
  }

  add(fault: Fault): ActiveFault {
    const id = ++this.#added;
    const fromMs = this.clock.nowMs() + (fault.afterSeconds ?? 0) * 1000;
    const entry: Entry = {
      id,
      fault,
      happened: 0,
      fitsPath: fault.path === undefined ? undefined : pathMatcher(pathOf(fault.path)),
      fromMs,
      untilMs: fault.forSeconds === undefined ? Number.POSITIVE_INFINITY : fromMs + fault.forSeconds * 1000,
      random: new Random(this.seed, `fault/${id}`),
    };
    this.#entries.set(id, entry);
    return entry;
  }

  /** @returns whether it was there */
  remove(id: number): boolean {
    return this.#entries.delete(id);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** After how many bytes of its body the answer to this request breaks off; `undefined` if it is complete. */
  truncationOf(request: IncomingMessage): number | undefined {
    return this.#ofServed.get(request)?.truncatedAtBytes;
  }

  /** Whether the connection is reset before the answer to this request. */
  losesAnswerTo(request: IncomingMessage): boolean {
    return this.#ofServed.get(request)?.isAnswerLost === true;
  }

  /** How the task that this request starts is changed. */
  taskOf(request: IncomingMessage): StartedTask {
    return this.#ofServed.get(request)?.task ?? {};
  }

  /**
   * Serves a request, unless a fault matches it: then that applies.
   * @param nodeIndex - which node received it
   */
  handle(request: IncomingMessage, response: ServerResponse, nodeIndex: number, serve: () => void): void {
    const fault = this.#entries.size === 0 ? undefined : this.#match(request, nodeIndex);
    if (fault === undefined) {
      serve();
      return;
    }
    const apply = () => this.#apply(fault, request, response, serve);
    if (fault.latencyMs === undefined) {
      apply();
      return;
    }
    const scheduled = this.clock.schedule(this.clock.nowMs() + fault.latencyMs, apply, undefined);
    response.once("close", () => scheduled.cancel());
  }

  #match(request: IncomingMessage, nodeIndex: number): Fault | undefined {
    const method = request.method as string;
    const path = pathOf(request.url as string);
    const nowMs = this.clock.nowMs();
    for (const entry of this.#entries.values()) {
      const { fault } = entry;
      if (nowMs < entry.fromMs || nowMs >= entry.untilMs) continue;
      if (fault.method !== undefined && fault.method.toUpperCase() !== method) continue;
      if (fault.node !== undefined && fault.node !== nodeIndex) continue;
      if (entry.fitsPath?.(path) === false) continue;
      if (fault.count !== undefined && entry.happened >= fault.count) continue;
      if (fault.probability !== undefined && entry.random.next() >= fault.probability) continue;
      entry.happened++;
      return fault;
    }
    return undefined;
  }

  #apply(fault: Fault, request: IncomingMessage, response: ServerResponse, serve: () => void): void {
    if (fault.isReset) {
      request.socket.resetAndDestroy();
    } else if (fault.status !== undefined || fault.message !== undefined || fault.body !== undefined) {
      answerInstead(fault, response);
    } else {
      this.#ofServed.set(request, fault);
      serve();
    }
  }
}

function answerInstead(fault: Fault, response: ServerResponse): void {
  const status = fault.status ?? (fault.message === undefined ? 200 : 500);
  const text = fault.body ?? errorJson(status, fault.message ?? STATUS_CODES[status] ?? "");
  const ownType = fault.body === undefined ? "application/json" : "text/html";
  response.writeHead(status, {
    "content-type": fault.contentType ?? ownType,
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** The path without query; without a slash at its end, which the server ignores. */
function pathOf(url: string): string {
  const path = url.replace(/\?.*$/s, "");
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
