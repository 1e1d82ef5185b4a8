import { promises as files } from "node:fs";
import { join } from "node:path";
import { TaskManagerError } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import { writeWhole } from "../runtime/write-file.js";
import type { NodeWatch } from "./node-watch.js";

/** A node has two settings for how long it keeps finished tasks. */
type Which = "ttl" | "user_ttl";

/** A setting that was raised; both values in seconds. */
interface Raised {
  readonly previous: number;
  readonly raised: number;
}

type RaisedOfNode = { readonly [Name in Which]?: Raised };

/**
 * Raises how long nodes keep finished tasks, and restores it. The old value is written to a file before it is changed: even if the
 * program is killed, the next recorder of this journal restores it.
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

  /** Nodes with a raised setting that was not restored yet. */
  get nodes(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  /**
   * Raises the settings of a node that are lower. Call it again when the node is back: a restart resets them to the configuration.
   * @throws the system's error if the old value cannot be written to the file; then nothing is raised
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
      // A program that was killed had raised it. The value before that is the one to restore.
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

  /** Restores the settings of a node, except one that somebody has changed since. */
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

  /** Writes one after the other, as nodes are watched concurrently. */
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

/** Restores the settings of all nodes, independently of each other. @returns the nodes where that failed */
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

/** Timeout of each request while stopping, so that a node that hangs does not delay the others for long. */
const RESTORE_MS = 5_000;
