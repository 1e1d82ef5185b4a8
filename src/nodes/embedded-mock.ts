import type { MockCluster, MockClusterOptions } from "../mock/index.js";
import { UsageError } from "../usage-error.js";

/**
 * Starts the embedded mock; the only place that knows it, and that loads it.
 * @throws UsageError where an option is not valid
 */
export async function startMock(options: MockClusterOptions): Promise<MockCluster> {
  const { startMockCluster } = await import("../mock/index.js");
  try {
    return await startMockCluster(options);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
