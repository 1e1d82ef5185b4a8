import { afterEach } from "vitest";
import { type MockCluster, type MockClusterOptions, startMockCluster } from "../../../src/mock/index.js";

const started: MockCluster[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((cluster) => cluster.stop()));
});

/** Starts a cluster that ends with the test; nothing runs on it unless asked. */
export async function serve(options: MockClusterOptions = {}): Promise<MockCluster> {
  const cluster = await startMockCluster({ scenario: "idle", ...options });
  started.push(cluster);
  return cluster;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly text: string;
}

/** Sends `GET /path` or the like to a node. */
export async function ask(cluster: MockCluster, request: string, node = 0): Promise<Answer> {
  const [method = "", path = ""] = request.split(" ");
  const response = await fetch(`${cluster.urls[node]}${path}`, { method });
  return {
    status: response.status,
    contentType: response.headers.get("content-type"),
    text: await response.text(),
  };
}

/** The value with which a call succeeds. */
export async function valueFrom<T>(cluster: MockCluster, request: string, node = 0): Promise<T> {
  const { status, text } = await ask(cluster, request, node);
  if (status !== 200) throw new Error(`${request}: ${status} ${text}`);
  return JSON.parse(text) as T;
}
