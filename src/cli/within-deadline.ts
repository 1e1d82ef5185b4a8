import { type Runtime, withDeadline } from "../runtime/runtime.js";
import { reasonOf } from "./failure.js";

/** Runs something with a deadline; without one, it may take any time. */
export async function withinDeadline<T>(
  runtime: Runtime,
  deadlineMs: number | undefined,
  body: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  if (deadlineMs === undefined) return await body(runtime);
  const limited = withDeadline(runtime, deadlineMs);
  try {
    return await body(limited.runtime);
  } catch (error) {
    throw reasonOf(error, limited.runtime);
  } finally {
    limited.end();
  }
}
