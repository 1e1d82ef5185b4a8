import { setMaxListeners } from "node:events";
import { isRefusal, RequestAbortedError, RequestTimeoutError, TaskManagerError } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";

/** A node as discovery knows it. */
export interface ClusterNode {
  /** Gossip address, or the host that the user named. */
  readonly address: string;
  /** Whether the node that was asked sees it as alive. */
  readonly live: boolean;
}

/** A node that gave no answer, and why. */
export interface NodeFailure {
  readonly node: string;
  readonly reason: string;
}

/** What one node said to a question. */
export type NodeAnswer<T> =
  | { readonly node: string; readonly value: T; readonly error?: undefined }
  | { readonly node: string; readonly value?: undefined; readonly error: TaskManagerError };

/** What is asked of a node: one or more calls, each with the options given. */
export type Question<T> = (client: TaskManagerClient, call: CallOptions, node: string) => Promise<T>;

export interface ClusterOptions {
  readonly nodes: readonly ClusterNode[];
  /** Opens a client for a node's address; called at most once a node, and closed by {@link Cluster.close}. */
  open(address: string): Promise<TaskManagerClient>;
  /** Nodes asked at once. */
  readonly concurrency: number;
  /** Limit for each answer of each node, in milliseconds; not for waits. */
  readonly nodeTimeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Made when it is first needed: a collator takes longer to make than all else that a command for one node loads. */
let collator: Intl.Collator | undefined;

/** The order that people expect of addresses: `127.0.0.10` after `127.0.0.9`. */
function compareAddresses(a: string, b: string): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}

/**
 * The nodes that one node knows, ordered by address.
 * @throws the error family, where that node cannot say
 */
export async function discoverNodes(contact: TaskManagerClient, options: CallOptions = {}): Promise<ClusterNode[]> {
  const [live, down] = await Promise.all([contact.liveEndpoints(options), contact.downEndpoints(options)]);
  const downSet = new Set(down);
  return [...new Set([...live, ...down])]
    .sort(compareAddresses)
    .map((address) => ({ address, live: !downSet.has(address) }));
}

/** Many nodes asked as one: side by side, in bounded numbers, each failure beside the others' answers. */
export class Cluster {
  readonly nodes: readonly ClusterNode[];
  readonly #options: ClusterOptions;
  readonly #clients = new Map<string, Promise<TaskManagerClient>>();
  readonly #failures = new Map<string, string>();
  /** What nodes that let a time limit run out are taken to say from then on: asked again, each would cost as much anew. */
  readonly #silent = new Map<string, RequestTimeoutError>();
  /** Questions that wait for their turn. */
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: ClusterOptions) {
    this.nodes = options.nodes;
    this.#options = options;
    this.startAfresh();
  }

  /** Forgets which nodes did not answer: what is asked from now on is a report of its own. */
  startAfresh(): void {
    this.#failures.clear();
    this.#silent.clear();
    for (const { address, live } of this.nodes) {
      if (!live) this.#failures.set(address, "the cluster sees it as down");
    }
  }

  /** The nodes that did not answer so far, in address order. */
  get failures(): NodeFailure[] {
    return [...this.#failures]
      .map(([node, reason]) => ({ node, reason }))
      .sort((a, b) => compareAddresses(a.node, b.node));
  }

  get liveNodes(): string[] {
    return this.nodes.filter(({ live }) => live).map(({ address }) => address);
  }

  /** Whether the node failed to answer a question. */
  hasFailed(address: string): boolean {
    return this.#failures.has(address);
  }

  /** The client of a node, known to discovery or not: a child of a task may live on a node that joined since. */
  client(address: string): Promise<TaskManagerClient> {
    let client = this.#clients.get(address);
    if (client === undefined) {
      client = this.#options.open(address);
      this.#clients.set(address, client);
    }
    return client;
  }

  /** Options for one question to one node: the time limit of a node, and the caller's signal. */
  get call(): CallOptions {
    return { timeoutMs: this.#options.nodeTimeoutMs, signal: this.#options.signal };
  }

  /**
   * Asks the live nodes and yields their answers in the nodes' order, each as soon as it and those before it are there. A
   * node that fails is remembered in {@link failures}, but for an answer of 400: there it said that it knows no such thing.
   * @throws RequestAbortedError when the caller's signal aborts
   */
  async *ask<T>(question: Question<T>): AsyncGenerator<NodeAnswer<T>> {
    for (const answer of this.#askAll(this.#toEach(question))) yield await answer;
  }

  /** As {@link ask}, with a question of its own for each node; a node may be asked several. */
  async *askEach<T>(
    questions: readonly { readonly node: string; readonly question: Question<T> }[],
  ): AsyncGenerator<NodeAnswer<T>> {
    for (const answer of this.#askAll(questions)) yield await answer;
  }

  /** As {@link ask}, in the order in which the answers come; what is not asked for any more is cancelled. */
  async *askAsTheyCome<T>(question: Question<T>): AsyncGenerator<NodeAnswer<T>> {
    const enough = new AbortController();
    const answers = this.#askAll(this.#toEach(question), enough.signal);
    const arrived: Promise<NodeAnswer<T>>[] = [];
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
        yield await (arrived.shift() as Promise<NodeAnswer<T>>);
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
  async find<T>(question: Question<T>): Promise<NodeAnswer<T> & { readonly error?: undefined }> {
    const enough = new AbortController();
    const answers = this.#askAll(this.#toEach(question), enough.signal);
    try {
      return await Promise.any(
        answers.map(async (pending) => {
          const answer = await pending;
          if (answer.error !== undefined) throw answer.error;
          return answer;
        }),
      );
    } catch (error) {
      const causes: unknown[] = error instanceof AggregateError ? error.errors : [error];
      throw gravestOf(causes);
    } finally {
      enough.abort();
    }
  }

  #toEach<T>(question: Question<T>): { readonly node: string; readonly question: Question<T> }[] {
    return this.liveNodes.map((node) => ({ node, question }));
  }

  /** @param enough cancels the questions whose answers are not waited for any more */
  #askAll<T>(
    questions: readonly { readonly node: string; readonly question: Question<T> }[],
    enough?: AbortSignal,
  ): Promise<NodeAnswer<T>>[] {
    const { call } = this;
    const signals = [call.signal, enough].filter((signal) => signal !== undefined);
    const signal = AbortSignal.any(signals);
    // Each question listens.
    setMaxListeners(0, signal);
    return questions.map(({ node, question }) => {
      const answer = this.#inTurn(() => this.#askOne(node, question, { ...call, signal }));
      // Awaited later, in order: one that fails earlier must not count as unhandled meanwhile.
      answer.catch(() => {});
      return answer;
    });
  }

  /** The bound holds for all that is asked of the cluster, however many look for something at once. */
  async #inTurn<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#options.concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await ask();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #askOne<T>(node: string, question: Question<T>, call: CallOptions): Promise<NodeAnswer<T>> {
    const silent = this.#silent.get(node);
    if (silent !== undefined) return { node, error: silent };
    try {
      return { node, value: await question(await this.client(node), call, node) };
    } catch (error) {
      if (!(error instanceof TaskManagerError) || error instanceof RequestAbortedError) throw error;
      if (!isRefusal(error)) this.#failures.set(node, error.message);
      if (error instanceof RequestTimeoutError) this.#silent.set(node, error);
      return { node, error };
    }
  }

  async close(): Promise<void> {
    const clients = await Promise.allSettled(this.#clients.values());
    await Promise.all(clients.map((client) => (client.status === "fulfilled" ? client.value.close() : undefined)));
  }
}

/** Of what went wrong on many nodes, what to tell: an interruption or a fault, then a refusal, then the first of all. */
export function gravestOf(errors: readonly unknown[]): unknown {
  return (
    errors.find((error) => !(error instanceof TaskManagerError) || error instanceof RequestAbortedError) ??
    errors.find(isRefusal) ??
    errors[0] ??
    new Error("no node of the cluster is alive")
  );
}
