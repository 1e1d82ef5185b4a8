import type { Clock } from "../domain/clock.js";
import type { Node } from "../domain/node.js";
import { type Handler, type Listeners, listen } from "./servers.js";

/** How soon to try again for an address whose port another process has taken. */
const RETRY_MS = 1_000;

/** Lets each address take connections while its node is up, and refuse them while it is down. */
export class NodeListeners {
  readonly #moves = new Map<Node, Promise<void>>();
  #listeners: Listeners | undefined;

  constructor(private readonly clock: Clock) {}

  /**
   * Opens those of the nodes that are up.
   * @param port - 0 for any that is free on all addresses
   * @returns the port
   * @throws Error that names address and port
   */
  async open(handlers: ReadonlyMap<Node, Handler>, port: number): Promise<number> {
    const byAddress = new Map([...handlers].map(([node, handler]) => [node.address, handler]));
    const listeners = await listen(byAddress, port);
    this.#listeners = listeners;
    for (const node of handlers.keys()) if (!node.isUp) this.follow(node);
    await this.settled();
    return listeners.port;
  }

  /** Does as the node does, one move after the other. */
  follow(node: Node): void {
    const previous = this.#moves.get(node);
    // At once where it can: no answer may leave a node that is down.
    const move = previous === undefined ? this.#match(node) : previous.then(() => this.#match(node));
    this.#moves.set(node, move);
    void move.finally(() => {
      if (this.#moves.get(node) === move) this.#moves.delete(node);
    });
  }

  /** Resolves when all are as their nodes are. */
  async settled(): Promise<void> {
    await Promise.all(this.#moves.values());
  }

  /** Shuts all, for good. */
  async close(): Promise<void> {
    const listeners = this.#listeners;
    this.#listeners = undefined;
    await this.settled();
    await listeners?.close();
  }

  async #match(node: Node): Promise<void> {
    if (!node.isUp) return this.#listeners?.shut(node.address);
    try {
      await this.#listeners?.reopen(node.address);
    } catch {
      this.clock.schedule(this.clock.nowMs() + RETRY_MS, () => this.follow(node), undefined);
    }
  }
}
