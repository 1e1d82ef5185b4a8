import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Creates a directory and its parents, accessible only by the owner. Not with Node's `recursive`, which loops forever
 * in directories that accept no others, such as /proc.
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
