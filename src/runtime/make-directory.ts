import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a directory and those above it, for their owner alone. Not by Node's `recursive`, which tries for ever where a directory
 * that is there takes no other, as in /proc.
 * @throws the system's error
 */
export async function makeDirectory(directory: string): Promise<void> {
  const failure = await makeOne(directory);
  if (failure === undefined) return;
  const above = dirname(directory);
  if (failure.code !== "ENOENT" || above === directory) throw failure;
  await makeDirectory(above);
  const lastFailure = await makeOne(directory);
  if (lastFailure !== undefined) throw lastFailure;
}

async function makeOne(directory: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(directory, { mode: 0o700 });
    return undefined;
  } catch (error) {
    const isThere = (await stat(directory).catch(() => undefined))?.isDirectory() === true;
    return isThere ? undefined : (error as NodeJS.ErrnoException);
  }
}
