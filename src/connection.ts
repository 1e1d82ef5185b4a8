import { connect } from "./client/connect.js";
import type { TaskManagerClient } from "./client/task-manager.js";
import { UsageError } from "./usage-error.js";

/** The options that say where the node is; `tasks --help` explains each. */
export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly mock: boolean;
}

export interface Connection {
  readonly client: TaskManagerClient;
  close(): Promise<void>;
}

/** Opens what the options name: a node, or an embedded mock server that lives as long as the connection. */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  if (!options.mock) {
    const client = await connect({ url: nodeUrl(options.host, options.port) }, "http");
    return { client, close: () => client.close() };
  }
  const { startMockCluster } = await import("./mock/index.js");
  const cluster = await startMockCluster({ port: 0 });
  const client = await connect({ url: cluster.urls[0] as string }, "http");
  return {
    client,
    async close() {
      await client.close();
      await cluster.stop();
    },
  };
}

/** @throws UsageError where the two make no URL. */
function nodeUrl(host: string, port: number): string {
  if (port === 0)
    throw new UsageError("option '-p, --port <port>' argument '0' is invalid. It takes a port from 1 to 65535.");
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  // A host that brings a path, a user or a port of its own would silently name something else.
  if (!/^(\[[0-9a-fA-F:.%]+\]|[^\s/?#@:[\]]+)$/.test(name) || !URL.canParse(`http://${name}:${port}`)) {
    throw new UsageError(
      `option '-h, --host <host>' argument '${host}' is invalid. It takes a host name or an IP address.`,
    );
  }
  return `http://${name}:${port}`;
}
