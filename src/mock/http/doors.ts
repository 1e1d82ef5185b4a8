import type { Clock } from "../domain/clock.js";
import type { Node } from "../domain/node.js";
import type { Listeners } from "./servers.js";

/** How soon to try again for an address whose port somebody else has taken meanwhile. */
const RETRY_MS = 1_000;

/** Lets each address take connections while its node is up, and refuse them while it is down. */
export class Doors {
  readonly #moves = new Map<Node, Promise<void>>();
  #isClosed = false;

  constructor(
    private readonly listeners: Listeners,
    private readonly clock: Clock,
  ) {}

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
    this.#isClosed = true;
    await this.settled();
    await this.listeners.close();
  }

  async #match(node: Node): Promise<void> {
    if (!node.isUp) return this.listeners.shut(node.address);
    if (this.#isClosed) return;
    try {
      await this.listeners.reopen(node.address);
    } catch {
      this.clock.schedule(this.clock.nowMs() + RETRY_MS, () => this.follow(node), undefined);
    }
  }
}
