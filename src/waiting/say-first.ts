/** Prints a message while progress may be shown. */
export type Say = (text: string) => Promise<void>;

/** Limit for messages of one kind: a thousand tasks on a node that is gone would all say the same. */
export const MAX_MESSAGES = 10;

export async function sayFirst(messages: readonly string[], say: Say): Promise<void> {
  for (const message of messages.slice(0, MAX_MESSAGES)) await say(message);
  if (messages.length > MAX_MESSAGES) await say(`... and ${messages.length - MAX_MESSAGES} more`);
}
