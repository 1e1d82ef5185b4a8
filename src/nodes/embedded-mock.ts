import type { MockCluster, MockClusterOptions } from "../mock/index.js";
import { UsageError } from "../usage-error.js";
import type { MockOptions } from "./connection-options.js";

/** How the mock is to be, and where it is to listen. */
export type MockStartOptions = MockOptions & Pick<MockClusterOptions, "address" | "port">;

/**
 * Starts the embedded mock; the only place that knows it, and that loads it.
 * @param leftOut takes a sentence on what could not be read of a journal to play
 * @throws UsageError where an option is not valid
 */
export async function startMock({ replay, ...options }: MockStartOptions, leftOut: Set<string>): Promise<MockCluster> {
  const { startMockCluster } = await import("../mock/index.js");
  try {
    if (replay === undefined) return await startMockCluster(options);
    const { readJournal } = await import("../journal/read-journal.js");
    return await startMockCluster({ ...options, replay: readJournal(replay, { leftOut }) });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
