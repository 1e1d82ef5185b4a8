import type { Clock } from "../domain/clock.js";
import type { Node } from "../domain/node.js";
import { type Handler, type Listeners, listen } from "./servers.js";

/** How soon to try again if another process has taken the port of an address. */
const RETRY_MS = 1_000;

/** Lets each address accept connections while its node is up, and refuse them while it is down. */
export class NodeListeners {
  readonly #changes = new Map<Node, Promise<void>>();
  #listeners: Listeners | undefined;

  constructor(private readonly clock: Clock) {}

  /**
   * Listens on the addresses of all nodes that are up.
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

  /** Opens or closes the address of a node, as the node is up or down now; in order, if earlier changes are not done. */
  follow(node: Node): void {
    const previous = this.#changes.get(node);
    // At once if there is none before it: no answer may leave a node that is down.
    const change = previous === undefined ? this.#match(node) : previous.then(() => this.#match(node));
    this.#changes.set(node, change);
    void change.finally(() => {
      if (this.#changes.get(node) === change) this.#changes.delete(node);
    });
  }

  /** Resolves when all changes are done. */
  async settled(): Promise<void> {
    await Promise.all(this.#changes.values());
  }

  /** Closes all, for good. */
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
