const failures = new WeakSet<object>();

/** Marks a request that comes before a start: if it fails, nothing was started. */
export async function beforeStart<T>(question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof Error) failures.add(error);
    throw error;
  }
}

/** Whether the error is from a request before a start. */
export const isBeforeStart = (error: unknown): boolean => error instanceof Error && failures.has(error);
