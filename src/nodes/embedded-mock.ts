import { readJournal } from "../journal/read-journal.js";
import { type MockCluster, type MockClusterOptions, startMockCluster } from "../mock/index.js";
import { UsageError } from "../usage-error.js";
import type { MockOptions } from "./connection-options.js";

/** Options of the mock, and where it listens. */
export type MockStartOptions = MockOptions & Pick<MockClusterOptions, "address" | "port">;

/**
 * Starts the embedded mock.
 * @param leftOut collects messages about parts of a replayed journal that could not be read
 * @throws UsageError if an option is not valid
 */
export async function startMock({ replay, ...options }: MockStartOptions, leftOut: Set<string>): Promise<MockCluster> {
  try {
    if (replay === undefined) return await startMockCluster(options);
    return await startMockCluster({ ...options, replay: readJournal(replay, { leftOut }) });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
