import {
  isRefusal,
  isRequestFailure,
  RequestAbortedError,
  RequestTimeoutError,
  type TaskManagerError,
} from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import { inParallel, Turns } from "../runtime/in-parallel.js";
import { compareAddresses, type KnownNode } from "./discovery.js";
import { type Looks, looksAt } from "./look.js";
import type { Question, UnansweredNode } from "./nodes.js";
import { TaskBudget } from "./task-budget.js";

/** The answer of one node, or its error. */
export type PoolAnswer<T> =
  | { readonly node: string; readonly value: T; readonly error?: undefined }
  | { readonly node: string; readonly value?: undefined; readonly error: TaskManagerError };

export interface NodePoolOptions {
  readonly nodes: readonly KnownNode[];
  /** Discovers the nodes again, for a repeated report; without it, they stay those that the user named. */
  readonly discover?: () => Promise<readonly KnownNode[]>;
  /** Addresses that may be queried although discovery did not list them. */
  readonly mapped?: ReadonlySet<string>;
  /** Other addresses of nodes that the user named, each with its name here. */
  readonly aliases?: ReadonlyMap<string, string>;
  /** Limit for the number of tasks that a command reads. */
  readonly maxTasks: number;
  /** Collects messages about what was left out. */
  readonly leftOut?: Set<string>;
  /** Opens a client for a node's address; called at most once per node, and closed by {@link NodePool.close}. */
  open(address: string): Promise<TaskManagerClient>;
  /** Nodes that are queried at once. */
  readonly concurrency: number;
  /** Limit for each answer of each node, in milliseconds; not for waits. */
  readonly nodeTimeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Clients of many nodes, queried in parallel up to a limit, so that a failing node does not affect the others. */
export class NodePool {
  readonly #options: NodePoolOptions;
  #nodes: readonly KnownNode[];
  readonly #clients = new Map<string, Promise<TaskManagerClient>>();
  readonly #looks = new Map<string, Looks>();
  #down: ReadonlySet<string>;
  /** Whether no request was sent since the last discovery. */
  #isFresh = true;
  /** Nodes that did not answer a request to all nodes, or to that node, with the reason. */
  readonly #unanswered = new Map<string, string>();
  readonly #everUnanswered = new Map<string, string>();
  /**
   * Nodes that timed out, with their error: they are not queried again, because each request would take the time limit
   * again.
   */
  readonly #silent = new Map<string, RequestTimeoutError>();
  /** The limit applies to all requests to the nodes, by however many callers. */
  readonly #turns: Turns;
  #known: ReadonlySet<string>;
  /** Messages about what was left out, besides the nodes that did not answer. */
  readonly leftOut: Set<string>;
  readonly budget: TaskBudget;

  constructor(options: NodePoolOptions) {
    this.#options = options;
    this.#turns = new Turns(options.concurrency);
    this.leftOut = options.leftOut ?? new Set();
    this.budget = new TaskBudget(options.maxTasks, this.leftOut);
    this.#nodes = options.nodes;
    this.#known = addressesOf(options.nodes);
    this.#down = addressesOf(options.nodes.filter(({ live }) => !live));
  }

  get nodes(): readonly KnownNode[] {
    return this.#nodes;
  }

  /** Nodes may have come back or gone since the last round. */
  async startRound(forgetsEarlier = false): Promise<void> {
    if (!this.#isFresh) await this.#discoverAnew();
    if (forgetsEarlier) this.#everUnanswered.clear();
    this.#unanswered.clear();
    this.#silent.clear();
    this.budget.startRound();
  }

  forgetMissing(): void {
    this.#unanswered.clear();
    this.#everUnanswered.clear();
  }

  async #discoverAnew(): Promise<void> {
    const { discover } = this.#options;
    if (discover === undefined) return;
    // Set before the request: requests sent meanwhile belong to an earlier round.
    this.#isFresh = true;
    try {
      this.#nodes = await discover();
    } catch (error) {
      if (!isRequestFailure(error)) throw error;
      // It is unknown now which nodes are down: each is queried, and failures are reported.
      this.#nodes = this.#nodes.map(({ address }) => ({ address, live: true }));
    }
    this.#known = addressesOf(this.#nodes);
    this.#down = addressesOf(this.#nodes.filter(({ live }) => !live));
  }

  /** Ordered by address, like all lists of nodes. */
  get unanswered(): UnansweredNode[] {
    return inOrder(this.#unanswered);
  }

  get everUnanswered(): UnansweredNode[] {
    return inOrder(this.#everUnanswered);
  }

  get liveNodes(): string[] {
    return this.nodes.filter(({ live }) => live).map(({ address }) => address);
  }

  /** The name used here for a node that a task names by its address. */
  nameOf(address: string): string {
    return this.#options.aliases?.get(address) ?? address;
  }

  isKnown(address: string): boolean {
    return this.#known.has(address) || this.#options.mapped?.has(address) === true;
  }

  /**
   * Whether a node that a task names may be queried: it is known, and neither down nor timed out. Any other address
   * comes from a server only, and is reported as missed.
   */
  mayAsk(address: string): boolean {
    if (this.#down.has(address) || this.#unanswered.has(address)) return false;
    if (this.isKnown(address)) return true;
    this.#missFor(address, "it is not a known node: add it with --node-map");
    return false;
  }

  /**
   * Records that the result is incomplete without this node. An answer of 400 does not count: the node just does not
   * know the task.
   */
  miss(node: string, error: TaskManagerError): void {
    if (isRefusal(error)) return;
    this.#missFor(node, error.message);
  }

  #missFor(node: string, reason: string): void {
    this.#unanswered.set(node, reason);
    this.#everUnanswered.set(node, reason);
  }

  /** Requests to all nodes skip those that are down. */
  missDown(): void {
    for (const node of this.#down) this.#missFor(node, DOWN);
  }

  /** The client of a node, known to discovery or not: a child of a task may be on a node that joined since. */
  client(address: string): Promise<TaskManagerClient> {
    this.#isFresh = false;
    let client = this.#clients.get(address);
    if (client === undefined) {
      client = this.#options.open(address);
      this.#clients.set(address, client);
    }
    return client;
  }

  /** Harmless requests to a node that has a client. */
  looks(address: string, client: TaskManagerClient): Looks {
    let looks = this.#looks.get(address);
    if (looks === undefined) {
      looks = looksAt(client, this.call);
      this.#looks.set(address, looks);
    }
    return looks;
  }

  /** Options for one request to one node: the time limit per node, and the caller's signal. */
  get call(): CallOptions {
    return { timeoutMs: this.#options.nodeTimeoutMs, signal: this.#options.signal };
  }

  /**
   * Queries the live nodes and yields their answers in the order of the nodes, as soon as possible.
   * @throws RequestAbortedError when the caller's signal aborts
   */
  async *query<T>(question: Question<T>, parallel?: number): AsyncGenerator<PoolAnswer<T>> {
    this.missDown();
    yield* this.#heard(this.#queryAll(this.#toEach(question), undefined, parallel));
  }

  /** As {@link query}, with separate requests; a node may get several. */
  async *queryEach<T>(
    questions: readonly { readonly node: string; readonly question: Question<T> }[],
  ): AsyncGenerator<PoolAnswer<T>> {
    yield* this.#heard(this.#queryAll(questions));
  }

  /**
   * As {@link query}, in the order in which the answers arrive; requests that are no longer needed are cancelled. The
   * caller reports failures with {@link miss}.
   */
  async *queryAsAnswered<T>(question: Question<T>, nodes = this.liveNodes): AsyncGenerator<PoolAnswer<T>> {
    const enough = new AbortController();
    const answers = this.#queryAll(
      nodes.map((node) => ({ node, question })),
      enough.signal,
    );
    const arrived: Promise<PoolAnswer<T>>[] = [];
    let wake = () => {};
    for (const answer of answers) {
      const arrive = () => {
        arrived.push(answer);
        wake();
      };
      answer.then(arrive, arrive);
    }
    try {
      for (let yielded = 0; yielded < answers.length; yielded++) {
        if (arrived.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        yield await (arrived.shift() as Promise<PoolAnswer<T>>);
      }
    } finally {
      enough.abort();
    }
  }

  /**
   * Queries the live nodes at once, for something that only one of them knows, or all know alike.
   * @returns the first answer; the other requests are cancelled
   * @throws HttpStatusError 400 if no node knows it, or the first other error if no node answered
   */
  async find<T>(question: Question<T>): Promise<{ readonly node: string; readonly value: T }> {
    const failed: { node: string; error: TaskManagerError }[] = [];
    for await (const { node, value, error } of this.queryAsAnswered(question)) {
      if (error === undefined) return { node, value };
      failed.push({ node, error });
    }
    // Nodes that did not answer matter only if no other node knew it.
    this.missDown();
    for (const { node, error } of failed) this.miss(node, error);
    throw worstOf(failed.map(({ error }) => error));
  }

  async *#heard<T>(answers: readonly Promise<PoolAnswer<T>>[]): AsyncGenerator<PoolAnswer<T>> {
    for (const pending of answers) {
      const answer = await pending;
      if (answer.error !== undefined) this.miss(answer.node, answer.error);
      yield answer;
    }
  }

  #toEach<T>(question: Question<T>): { readonly node: string; readonly question: Question<T> }[] {
    return this.liveNodes.map((node) => ({ node, question }));
  }

  /** @param enough cancels the questions whose answers are not waited for any more */
  #queryAll<T>(
    questions: readonly { readonly node: string; readonly question: Question<T> }[],
    enough?: AbortSignal,
    parallel?: number,
  ): Promise<PoolAnswer<T>>[] {
    this.#isFresh = false;
    const { call } = this;
    const signal = AbortSignal.any([call.signal, enough].filter((one) => one !== undefined));
    let ended: RequestAbortedError | undefined;
    return inParallel(questions, parallel ?? this.#turns, ({ node, question }) => {
      if (!signal.aborted) return this.#queryOne(node, question, { ...call, signal });
      // One error for all that are still in line: there may be a hundred thousand, and each would take its stack trace.
      ended ??= new RequestAbortedError({ method: "GET", origin: node, path: "/" }, signal.reason);
      return Promise.reject(ended);
    });
  }

  async #queryOne<T>(node: string, question: Question<T>, call: CallOptions): Promise<PoolAnswer<T>> {
    const silent = this.#silent.get(node);
    if (silent !== undefined) return { node, error: silent };
    try {
      return { node, value: await question(await this.client(node), call, node) };
    } catch (error) {
      if (!isRequestFailure(error)) throw error;
      if (error instanceof RequestTimeoutError) this.#silent.set(node, error);
      return { node, error };
    }
  }

  async close(): Promise<void> {
    const clients = await Promise.allSettled(this.#clients.values());
    await Promise.all(clients.map((client) => (client.status === "fulfilled" ? client.value.close() : undefined)));
  }
}

const addressesOf = (nodes: readonly KnownNode[]): ReadonlySet<string> => new Set(nodes.map(({ address }) => address));

const DOWN = "the cluster reports it as down";

function inOrder(reasons: ReadonlyMap<string, string>): UnansweredNode[] {
  return [...reasons].map(([node, reason]) => ({ node, reason })).sort((a, b) => compareAddresses(a.node, b.node));
}

/** Which of several errors to report: a refusal, or else the first one. */
export function worstOf(errors: readonly TaskManagerError[]): Error {
  return errors.find(isRefusal) ?? errors[0] ?? new Error("the cluster reports no live node");
}
