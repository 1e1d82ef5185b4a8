import type { ConnectOptions } from "../client/connect.js";
import type { TaskManagerClient } from "../client/task-manager.js";
import type { ConnectionOptions } from "./connection-options.js";
import { discoverNodes, type KnownNode } from "./discovery.js";
import { ManyNodes } from "./many-nodes.js";
import { NodePool } from "./node-pool.js";
import { nodeUrlRule } from "./node-url.js";
import type { Nodes } from "./nodes.js";

/** What connecting to many nodes needs from the connection to the contact. */
export interface ConnectManyOptions {
  /** The contact. */
  readonly contact: TaskManagerClient;
  /** The URLs that the user named; the first is the contact's. */
  readonly urls: readonly string[];
  readonly options: ConnectionOptions;
  /** Whether the command is long-running: it waits or watches. */
  readonly isLong: boolean;
  readonly leftOut: Set<string>;
  readonly signal: AbortSignal;
  /** Opens a client for another node, by its address. */
  open(url: string, name: string, more: Partial<ConnectOptions>): Promise<TaskManagerClient>;
}

/** Many nodes, with a way to close their connections. */
export interface ManyConnections {
  readonly nodes: Nodes;
  close(): Promise<void>;
}

/** All nodes of the cluster that the contact knows. */
export async function connectCluster(connecting: ConnectManyOptions): Promise<ManyConnections> {
  const { contact, options, signal } = connecting;
  const discover = () => discoverNodes(contact, { signal, timeoutMs: options.nodeTimeoutMs });
  return connectMany(connecting, await discover(), discover);
}

/** The nodes that the user named, and no others. */
export function connectNamed(connecting: ConnectManyOptions): ManyConnections {
  return connectMany(
    connecting,
    connecting.urls.map((url) => ({ address: new URL(url).host, live: true })),
  );
}

function connectMany(
  { contact, urls, options, isLong, leftOut, signal, open }: ConnectManyOptions,
  nodes: readonly KnownNode[],
  discover?: () => Promise<readonly KnownNode[]>,
): ManyConnections {
  const named = new Map(urls.map((url) => [new URL(url).host, url]));
  const pool: NodePool = new NodePool({
    nodes,
    ...(discover && { discover }),
    aliases: new Map(urls.length > 1 ? urls.map((url) => [new URL(url).hostname, new URL(url).host]) : []),
    mapped: new Set(options.nodeMap.keys()),
    maxTasks: options.maxTasks,
    leftOut,
    open: async (address) => {
      const url = named.get(address) ?? nodeUrlRule(urls[0] as string, pool.nodes, options)(address);
      return await open(url, address, keptOf(isLong, pool.nodes.length));
    },
    concurrency: options.concurrency,
    nodeTimeoutMs: options.nodeTimeoutMs,
    signal,
  });
  return { nodes: new ManyNodes(contact, pool), close: () => pool.close() };
}

/** With more nodes than this, idle connections would take too many sockets. */
const MOST_NODES_KEPT = 100;
const IDLE_CONNECTIONS = 2;

/** Long-running commands query the same nodes repeatedly, and each new connection costs both sides. */
const keptOf = (isLong: boolean, nodes: number): Partial<ConnectOptions> =>
  isLong && nodes <= MOST_NODES_KEPT ? { maxIdleConnections: IDLE_CONNECTIONS } : { keepAlive: false };
