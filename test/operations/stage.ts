import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../src/cli/run.js";
import { COMMANDS } from "../../src/commands.js";
import { type MockCluster, type MockClusterOptions, startMockCluster } from "../../src/mock/index.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import type { Run } from "../fixtures/run-tasks.js";

/** `tasks start ...` from its sources, in real time, against the first node of a mock. */
export async function start(mock: MockCluster, args: readonly string[], input = ""): Promise<Run> {
  return await startFollowing(mock, args, input).end;
}

/** As {@link start}; what is written so far can be read, and the run be interrupted. */
export function startFollowing(mock: Pick<MockCluster, "urls">, args: readonly string[], input = "") {
  const { runtime, written, interrupt } = fakeRuntime({ input });
  const clock = { ...runtime.clock, sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, { signal }) };
  const [url = ""] = mock.urls;
  const end = run(["--url", url, "start", ...args], { ...runtime, clock }, COMMANDS).then((code) => ({
    code,
    ...written,
  }));
  return { written, interrupt, end };
}

/** Runs the body against a mock on which nothing runs, and time goes a thousand times faster. */
export async function withMock<T>(
  body: (mock: MockCluster) => Promise<T>,
  options: MockClusterOptions = {},
): Promise<T> {
  const mock = await startMockCluster({ scenario: "idle", speed: 1000, ...options });
  try {
    return await body(mock);
  } finally {
    await mock.stop();
  }
}

/** `METHOD path?query` of the requests that were received. */
export const requestsOf = (mock: MockCluster) => mock.requests.map(({ method, url }) => `${method} ${url}`);

/** Those of them that start work. */
export const startsOf = (mock: MockCluster) =>
  requestsOf(mock).filter(
    (line) =>
      (line.startsWith("POST") && !line.includes("/task_manager/")) ||
      /^GET \/tasks\/|^GET \/storage_service\/keyspace_/.test(line),
  );
