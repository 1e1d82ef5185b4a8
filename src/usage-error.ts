/** The arguments are wrong; the message names what was given and what is taken. Exit code 1. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** No task that is listed has an id that begins so. */
export class UnknownBeginningError extends UsageError {}
