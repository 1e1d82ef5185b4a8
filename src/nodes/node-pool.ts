import { isRefusal, isRequestFailure, RequestTimeoutError, type TaskManagerError } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import { inParallel, Turns } from "../runtime/in-parallel.js";
import { compareAddresses, type KnownNode } from "./discovery.js";
import { type Looks, looksAt } from "./look.js";
import type { Question, UnansweredNode } from "./nodes.js";
import { TaskBudget } from "./task-budget.js";

/** What one node said to a question, or why it said nothing. */
export type PoolAnswer<T> =
  | { readonly node: string; readonly value: T; readonly error?: undefined }
  | { readonly node: string; readonly value?: undefined; readonly error: TaskManagerError };

export interface NodePoolOptions {
  readonly nodes: readonly KnownNode[];
  /** Finds out anew which nodes there are, for a report that is made again; without it, they stay those that were named. */
  readonly discover?: () => Promise<readonly KnownNode[]>;
  /** Addresses that may be asked though discovery did not name them. */
  readonly mapped?: ReadonlySet<string>;
  /** Other addresses of nodes that the user named, each with the name that it goes by here. */
  readonly aliases?: ReadonlyMap<string, string>;
  /** Most tasks that a command reads. */
  readonly maxTasks: number;
  /** Where what is left out is said. */
  readonly leftOut?: Set<string>;
  /** Opens a client for a node's address; called at most once a node, and closed by {@link NodePool.close}. */
  open(address: string): Promise<TaskManagerClient>;
  /** Nodes asked at once. */
  readonly concurrency: number;
  /** Limit for each answer of each node, in milliseconds; not for waits. */
  readonly nodeTimeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The clients of many nodes, asked side by side in bounded numbers, each failure beside the others' answers. */
export class NodePool {
  readonly #options: NodePoolOptions;
  #nodes: readonly KnownNode[];
  readonly #clients = new Map<string, Promise<TaskManagerClient>>();
  readonly #looks = new Map<string, Looks>();
  #down: ReadonlySet<string>;
  /** Whether nothing was asked since it was found out which nodes there are. */
  #isFresh = true;
  /** Who did not answer a question that was for all, or for that node; by address, with the reason. */
  readonly #unanswered = new Map<string, string>();
  readonly #everUnanswered = new Map<string, string>();
  /** What nodes that let a time limit run out are taken to say from then on: asked again, each would cost as much anew. */
  readonly #silent = new Map<string, RequestTimeoutError>();
  /** The bound holds for all that is asked of the nodes, however many look for something at once. */
  readonly #turns: Turns;
  #known: ReadonlySet<string>;
  /** Sentences on what was left out, beside the nodes that did not answer. */
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

  /** A node may have come back since the last round, or gone. */
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
    // Before it is asked: what is asked meanwhile is of an older time.
    this.#isFresh = true;
    try {
      this.#nodes = await discover();
    } catch (error) {
      if (!isRequestFailure(error)) throw error;
      // Nobody says now which are down: each is asked, and a failure is reported.
      this.#nodes = this.#nodes.map(({ address }) => ({ address, live: true }));
    }
    this.#known = addressesOf(this.#nodes);
    this.#down = addressesOf(this.#nodes.filter(({ live }) => !live));
  }

  /** In address order, as all lists of nodes. */
  get unanswered(): UnansweredNode[] {
    return inOrder(this.#unanswered);
  }

  get everUnanswered(): UnansweredNode[] {
    return inOrder(this.#everUnanswered);
  }

  get liveNodes(): string[] {
    return this.nodes.filter(({ live }) => live).map(({ address }) => address);
  }

  /** What a node is called here that a task calls by its address. */
  nameOf(address: string): string {
    return this.#options.aliases?.get(address) ?? address;
  }

  isKnown(address: string): boolean {
    return this.#known.has(address) || this.#options.mapped?.has(address) === true;
  }

  /**
   * Whether a node that a task names may be asked: one that is known, and neither down nor silent. Any other address is what
   * some server says, and is missed.
   */
  mayAsk(address: string): boolean {
    if (this.#down.has(address) || this.#unanswered.has(address)) return false;
    if (this.isKnown(address)) return true;
    this.#missFor(address, "it is not a known node: add it with --node-map");
    return false;
  }

  /** Without this node's answer, what is said is a part. An answer of 400 is one: it knows no such thing. */
  miss(node: string, error: TaskManagerError): void {
    if (isRefusal(error)) return;
    this.#missFor(node, error.message);
  }

  #missFor(node: string, reason: string): void {
    this.#unanswered.set(node, reason);
    this.#everUnanswered.set(node, reason);
  }

  /** What is asked of all nodes is not asked of those that are down. */
  missDown(): void {
    for (const node of this.#down) this.#missFor(node, DOWN);
  }

  /** The client of a node, known to discovery or not: a child of a task may live on a node that joined since. */
  client(address: string): Promise<TaskManagerClient> {
    this.#isFresh = false;
    let client = this.#clients.get(address);
    if (client === undefined) {
      client = this.#options.open(address);
      this.#clients.set(address, client);
    }
    return client;
  }

  /** What can be asked with no harm of a node that has a client. */
  looks(address: string, client: TaskManagerClient): Looks {
    let looks = this.#looks.get(address);
    if (looks === undefined) {
      looks = looksAt(client, this.call);
      this.#looks.set(address, looks);
    }
    return looks;
  }

  /** Options for one question to one node: the time limit of a node, and the caller's signal. */
  get call(): CallOptions {
    return { timeoutMs: this.#options.nodeTimeoutMs, signal: this.#options.signal };
  }

  /**
   * Asks the live nodes and yields their answers in the nodes' order, each as soon as it and those before it are there.
   * @throws RequestAbortedError when the caller's signal aborts
   */
  async *ask<T>(question: Question<T>, parallel?: number): AsyncGenerator<PoolAnswer<T>> {
    this.missDown();
    yield* this.#heard(this.#askAll(this.#toEach(question), undefined, parallel));
  }

  /** As {@link ask}, with a question of its own for each node; a node may be asked several. */
  async *askEach<T>(
    questions: readonly { readonly node: string; readonly question: Question<T> }[],
  ): AsyncGenerator<PoolAnswer<T>> {
    yield* this.#heard(this.#askAll(questions));
  }

  /**
   * As {@link ask}, in the order in which the answers come; what is not asked for any more is cancelled. Who did not answer is
   * for the caller to {@link miss}.
   */
  async *askAsTheyCome<T>(question: Question<T>, nodes = this.liveNodes): AsyncGenerator<PoolAnswer<T>> {
    const enough = new AbortController();
    const answers = this.#askAll(
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
   * Asks the live nodes at once, for what only one of them knows, or all know alike.
   * @returns the first answer; the other questions are cancelled
   * @throws HttpStatusError 400 where no node knows it, or what else went wrong where none could say
   */
  async find<T>(question: Question<T>): Promise<{ readonly node: string; readonly value: T }> {
    const failed: { node: string; error: TaskManagerError }[] = [];
    for await (const { node, value, error } of this.askAsTheyCome(question)) {
      if (error === undefined) return { node, value };
      failed.push({ node, error });
    }
    // Which nodes did not answer matters only if no other node knew it.
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
  #askAll<T>(
    questions: readonly { readonly node: string; readonly question: Question<T> }[],
    enough?: AbortSignal,
    parallel?: number,
  ): Promise<PoolAnswer<T>>[] {
    this.#isFresh = false;
    const { call } = this;
    const signal = AbortSignal.any([call.signal, enough].filter((one) => one !== undefined));
    return inParallel(questions, parallel ?? this.#turns, ({ node, question }) =>
      this.#askOne(node, question, { ...call, signal }),
    );
  }

  async #askOne<T>(node: string, question: Question<T>, call: CallOptions): Promise<PoolAnswer<T>> {
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

/** Of what went wrong on many nodes, what to tell: a refusal, else the first of all. */
export function worstOf(errors: readonly TaskManagerError[]): Error {
  return errors.find(isRefusal) ?? errors[0] ?? new Error("the cluster reports no live node");
}
