import { Readable } from "node:stream";
import type { Engine, EngineOptions, EngineRequest, EngineResponse } from "../../src/client/engine.js";
import type { Random } from "../../src/mock/random.js";
import type { InProcessMock } from "../fixtures/in-process-mock.js";
import type { SimulatedTime } from "./simulated-time.js";

/** How many nodes there are, from 127.0.0.1 on. */
export const NODES = 3;

/** What a network and the proxies on it do to a request. */
const FAULTS = [
  "refused",
  "reset before",
  "reset after",
  "stale connection",
  "cut off",
  "ends early",
  "stalls",
  "never answered",
  "times out",
  "slow",
  400,
  403,
  408,
  500,
  502,
  503,
  "502 after",
] as const;
export type Fault = (typeof FAULTS)[number];

/** After these a node may have acted, and its client cannot know. */
const LOST_ANSWERS: readonly Fault[] = ["reset after", "stale connection", "cut off", "times out", "502 after"];

/** A request of a client, and what became of it. */
export interface SentRequest {
  readonly client: string;
  readonly atMs: number;
  readonly node: number;
  readonly method: string;
  readonly path: string;
  readonly fault: Fault | undefined;
  /** How often a node was asked to act on it. */
  delivered: number;
  /** What the client got of it; nothing while there is no answer. */
  outcome?: { readonly kind: "answer"; readonly status: number; readonly text: string } | { readonly kind: "error" };
  /** Whether it broke, or its answer is not the node's, or not all of it. */
  isSpoilt: boolean;
}

export interface NetworkOptions {
  readonly random: Random;
  /** Of a request: from 0 to 1. */
  readonly faultRate: number;
  /** When the last fault happens, in milliseconds from the start. */
  readonly faultsEndMs: number;
  /** Called when a node is about to act on a request. */
  onDelivery(request: SentRequest): void;
}

const ADDRESS = /^127\.0\.0\.(\d+)$/;

/** Connections between clients and the nodes of the mock: no sockets, no time but the simulated. */
export class Network {
  readonly requests: SentRequest[] = [];
  /** By client: the requests of which it has not had all that comes. */
  readonly #open = new Map<string, number>();
  readonly #cuts = new Map<number, Set<() => void>>();

  constructor(
    private readonly mock: InProcessMock,
    private readonly time: SimulatedTime,
    private readonly options: NetworkOptions,
  ) {}

  /** An engine as `http-engine.ts` is one. */
  engine(client: string, { origin }: EngineOptions): Engine {
    const node = Number(ADDRESS.exec(origin.hostname)?.[1]) - 1;
    return { send: (request) => this.#send(client, node, request), close: async () => {} };
  }

  /** Whether a client waits for anything that the network brings. */
  isAwaitedBy(client: string): boolean {
    return (this.#open.get(client) ?? 0) > 0;
  }

  #count(client: string, change: 1 | -1): void {
    this.#open.set(client, (this.#open.get(client) ?? 0) + change);
    this.time.sign();
  }

  /** Cuts the connections of a node that goes down. */
  cut(node: number): void {
    for (const cut of this.#cuts.get(node) ?? []) cut();
  }

  #send(client: string, node: number, request: EngineRequest): Promise<EngineResponse> {
    const { method, path, signal, repeatable } = request;
    const { random } = this.options;
    // What starts or stops something is seldom sent, and hurts most.
    const acts = method === "POST" || path.startsWith("/tasks/");
    const rate = this.options.faultRate * (acts ? 3 : 1);
    const hasFault = random.next() < rate && this.time.elapsedMs < this.options.faultsEndMs;
    const faults = acts && random.next() < 0.5 ? LOST_ANSWERS : FAULTS;
    const drawn = hasFault ? faults[Math.floor(random.next() * faults.length)] : undefined;
    // A poll may be held open for days: it is for TCP to find out that nobody is there any more.
    const fault = drawn === "never answered" && path.includes("/wait_task/") ? "times out" : drawn;
    const isSpoilt = fault !== undefined && fault !== "slow";
    const sent: SentRequest = { client, atMs: this.time.elapsedMs, node, method, path, fault, delivered: 0, isSpoilt };
    this.requests.push(sent);
    this.#count(client, 1);
    const there = 1 + Math.floor(random.next() * 20);
    const back = 1 + Math.floor(random.next() * 20);
    const slow = fault === "slow" ? Math.floor(random.next() * 90_000) : 0;
    const isSlowBefore = random.next() < 0.5;
    const wasSeen = random.next() < 0.5;
    return new Promise((resolve, reject) => {
      let isOver = false;
      let leave = () => {};
      const end = (act: () => void) => {
        if (isOver) return;
        isOver = true;
        this.time.sign();
        signal?.removeEventListener("abort", abort);
        this.#cuts.get(node)?.delete(cut);
        act();
      };
      const fail = (code: string, name = "Error", syscall?: string) =>
        end(() => {
          sent.isSpoilt ||= name !== "AbortError";
          sent.outcome = { kind: "error" };
          leave();
          this.#count(client, -1);
          reject(Object.assign(new Error(`simulated ${code}`), { code, name, syscall }));
        });
      const cut = () => fail("ECONNRESET");
      const abort = () => fail("ABORT_ERR", "AbortError");
      const answer = (status: number, text: string, body = Readable.from([Buffer.from(text)])) =>
        end(() => {
          sent.outcome = { kind: "answer", status, text };
          body.once("close", () => this.#count(client, -1));
          resolve({ status, headers: {}, body });
        });
      const proxy = (status: number) => answer(status, `<html><title>${status}</title></html>`);
      const deliver = () => {
        sent.delivered++;
        this.options.onDelivery(sent);
        const flight = this.mock.send(node, method, path);
        leave = () => flight.leave();
        if (fault === "times out") this.time.after(30_000, () => fail("ETIMEDOUT", "Error", "read"));
        if (fault === "times out" || fault === "never answered") return;
        void flight.answer.then(({ status, body }) => {
          this.time.sign();
          leave = () => {};
          this.time.after(back + (isSlowBefore ? 0 : slow), () => {
            if (isOver) return;
            if (fault === "reset after") return fail("ECONNRESET");
            if (fault === "502 after") return proxy(502);
            answer(status, body.toString(), this.#bodyOf(body, fault, signal));
          });
        });
      };
      const arrive = () => {
        if (isOver) return;
        if (!this.mock.node(node).isUp || fault === "refused") return fail("ECONNREFUSED");
        if (fault === "reset before") return fail("ECONNRESET");
        if (fault === "stale connection") {
          // The server closes a kept connection in the moment in which a request comes: nobody knows whether it was seen.
          if (wasSeen) {
            sent.delivered++;
            this.options.onDelivery(sent);
            this.mock.send(node, method, path).leave();
          }
          // As Node does, for what may be sent twice.
          if (!repeatable) return fail("ECONNRESET");
        }
        if (typeof fault === "number") return proxy(fault);
        const cuts = this.#cuts.get(node) ?? new Set();
        this.#cuts.set(node, cuts.add(cut));
        if (fault === "stale connection") sent.isSpoilt = false;
        deliver();
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      this.time.after(there + (isSlowBefore ? slow : 0), arrive);
    });
  }

  #bodyOf(bytes: Buffer, fault: Fault | undefined, signal: AbortSignal | undefined): Readable {
    if (fault !== "cut off" && fault !== "ends early" && fault !== "stalls") return Readable.from([bytes]);
    const { time } = this;
    const upTo = Math.floor(this.options.random.next() * bytes.length);
    return Readable.from(
      (async function* () {
        if (upTo > 0) yield bytes.subarray(0, upTo);
        if (fault === "ends early") return;
        if (fault === "stalls") {
          await new Promise<void>((resolve) => {
            time.after(3_600_000, resolve);
            signal?.addEventListener("abort", () => resolve(), { once: true });
          });
          time.sign();
        }
        throw Object.assign(new Error("aborted"), signal?.aborted ? { name: "AbortError" } : { code: "ECONNRESET" });
      })(),
    );
  }
}
