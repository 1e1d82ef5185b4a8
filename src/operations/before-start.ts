const failures = new WeakSet<object>();

/** For a question that has to be answered before a start: where it fails, nothing was started. */
export async function beforeStart<T>(question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof Error) failures.add(error);
    throw error;
  }
}

/** Whether the error is that of a question before a start. */
export const isBeforeStart = (error: unknown): boolean => error instanceof Error && failures.has(error);
