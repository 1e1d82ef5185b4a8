import { promises as files } from "node:fs";
import { join } from "node:path";
import { TaskManagerError } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import { writeWhole } from "../runtime/write-file.js";
import type { NodeWatch } from "./node-watch.js";

/** One of the two times for which a node keeps what has ended. */
type Which = "ttl" | "user_ttl";

/** What was raised, in seconds. */
interface Raised {
  readonly previous: number;
  readonly raised: number;
}

type RaisedOfNode = { readonly [Name in Which]?: Raised };

/**
 * Raises for how long nodes keep what has ended, and sets it back. What it was is in a file before it is changed: whatever ends the
 * program, the next one that records to this journal sets it back.
 */
export class RaisedTtls {
  readonly #path: string;
  readonly #nodes: Map<string, RaisedOfNode>;
  #saving: Promise<void> = Promise.resolve();

  private constructor(path: string, nodes: Map<string, RaisedOfNode>) {
    this.#path = path;
    this.#nodes = nodes;
  }

  static async load(directory: string): Promise<RaisedTtls> {
    const path = join(directory, "raised-ttl.json");
    try {
      return new RaisedTtls(path, new Map(Object.entries(JSON.parse(await files.readFile(path, "utf8")))));
    } catch {
      return new RaisedTtls(path, new Map());
    }
  }

  /** Nodes of which something was raised and not set back. */
  get nodes(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  /**
   * Raises what is lower on a node. To be called again when it is back: it has then what its configuration says.
   * @throws the system's error where what it was cannot be written down; then nothing is raised
   */
  async raise(watch: NodeWatch, seconds: number): Promise<void> {
    const { node, client, call, kept } = watch;
    const before = this.#nodes.get(node);
    const wanted: [Which, number | undefined][] = [
      ["ttl", kept.ttl],
      ["user_ttl", kept.userTtl],
    ];
    const low = wanted.filter(([, now]) => now !== undefined && now < seconds) as [Which, number][];
    if (low.length === 0) return;
    const raised = low.map(([name, now]) => {
      const earlier = before?.[name];
      // It was raised by a program that was killed: what was before that is to come back.
      const previous = earlier?.raised === now ? earlier.previous : now;
      return [name, { previous, raised: seconds }] as const;
    });
    this.#nodes.set(node, { ...before, ...Object.fromEntries(raised) });
    try {
      await this.#save();
    } catch (error) {
      if (before === undefined) this.#nodes.delete(node);
      else this.#nodes.set(node, before);
      throw error;
    }
    for (const [name] of low) await set(client, name, seconds, call);
    const higher = (now: number | undefined) => (now === undefined ? undefined : Math.max(now, seconds));
    watch.kept = { ttl: higher(kept.ttl), userTtl: higher(kept.userTtl) };
  }

  /** Sets back what was raised on a node, unless somebody has set it to something else since. */
  async restore({ node, client }: NodeWatch, call: CallOptions): Promise<void> {
    const raised = this.#nodes.get(node);
    if (raised === undefined) return;
    for (const [name, was] of Object.entries(raised) as [Which, Raised][]) {
      const now = await (name === "ttl" ? client.ttl(call) : client.userTtl(call));
      if (now === was.raised) await set(client, name, was.previous, call);
    }
    this.#nodes.delete(node);
    await this.#save();
  }

  /** One after the other: nodes are looked at side by side. */
  #save(): Promise<void> {
    const saved = this.#saving.then(() => this.#write());
    this.#saving = saved.catch(() => {});
    return saved;
  }

  async #write(): Promise<void> {
    if (this.#nodes.size === 0) {
      await files.rm(this.#path, { force: true });
      return;
    }
    await writeWhole(this.#path, [`${JSON.stringify(Object.fromEntries(this.#nodes))}\n`], 0o600);
  }
}

async function set(client: TaskManagerClient, which: Which, seconds: number, call: CallOptions): Promise<void> {
  if (which === "ttl") await client.setTtl(seconds, call);
  else await client.setUserTtl(seconds, call);
}

/** Sets back what was raised on all nodes, each for itself. @returns the nodes on which that failed */
export async function restoreAll(ttls: RaisedTtls, watches: ReadonlyMap<string, NodeWatch>): Promise<string[]> {
  const failed: string[] = [];
  for (const node of ttls.nodes) {
    const watch = watches.get(node);
    try {
      if (watch === undefined) failed.push(node);
      else await ttls.restore(watch, { timeoutMs: RESTORE_MS });
    } catch (error) {
      if (!(error instanceof TaskManagerError)) throw error;
      failed.push(node);
    }
  }
  return failed;
}

/** Of each request at the end, so that a node that hangs does not hold up the others for long. */
const RESTORE_MS = 5_000;
