import { randomUUID } from "node:crypto";
import { promises as files } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Puts a text in the place of a file at once: who reads meanwhile has the one before or this one, never a part.
 * @throws Error that names the file, where it cannot be written
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const aside = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    const there = await files.stat(path).catch(() => undefined);
    // A device would be gone for good.
    if (there !== undefined && !there.isFile()) throw new Error("it is there already, and is no regular file");
    const handle = await files.open(aside, "wx", 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await files.rename(aside, path);
  } catch (error) {
    await files.rm(aside, { force: true }).catch(() => {});
    throw new Error(`cannot write '${path}': ${(error as Error).message}`, { cause: error });
  }
}
