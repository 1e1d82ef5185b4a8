import { constants, promises as files } from "node:fs";
import { basename, dirname, join } from "node:path";
import { systemReason } from "../strings/error-text.js";
import { UsageError } from "../usage-error.js";

/** Stands for stdout in place of a file. */
export const STDOUT = "-";

/**
 * Call it before anything that takes long.
 * @throws UsageError if the file cannot be written
 */
export async function checkWritable(option: string, file: string): Promise<void> {
  if (file === STDOUT) return;
  if (file === "") throw new UsageError(`option '${option}': the file name is empty`);
  const refuse = (reason: string) => new UsageError(`option '${option}': cannot write '${file}': ${reason}`);
  try {
    const found = await files.stat(file).catch(ifThere);
    if (found?.isDirectory()) throw refuse("it is a directory");
    if (found === undefined) {
      const folder = dirname(file);
      const above = await files.stat(folder).catch(ifThere);
      if (above === undefined) throw refuse(`no such directory: '${folder}'`);
      await files.access(folder, constants.W_OK);
    } else await files.access(file, constants.W_OK);
  } catch (error) {
    throw error instanceof UsageError ? error : refuse(systemReason(error));
  }
}

/**
 * Writes a file completely or not at all: readers see the old one until the new one is complete. A pipe or device is
 * written directly.
 * @param mode of the new file; default: that of the old one
 * @throws Error that names the file
 */
export async function writeWhole(file: string, pieces: Iterable<string>, mode?: number): Promise<void> {
  try {
    const found = await files.stat(file).catch(ifThere);
    if (found !== undefined && !found.isFile()) {
      await writeTo(file, "w", pieces);
      return;
    }
    // Through a link, so that the link stays one.
    const target = found === undefined ? file : await files.realpath(file);
    const aside = join(dirname(target), `.${basename(target).slice(0, 100)}.${Math.random().toString(36).slice(2)}`);
    try {
      await writeTo(aside, "wx", pieces, mode ?? found?.mode);
      await files.rename(aside, target);
    } catch (error) {
      await files.rm(aside, { force: true });
      throw error;
    }
  } catch (error) {
    throw new Error(`cannot write '${file}': ${systemReason(error)}`, { cause: error });
  }
}

async function writeTo(file: string, flags: string, pieces: Iterable<string>, mode?: number): Promise<void> {
  const handle = await files.open(file, flags);
  try {
    if (mode !== undefined) await handle.chmod(mode & 0o7777);
    for (const piece of pieces) await handle.writeFile(piece);
    if (flags === "wx") await handle.sync();
  } finally {
    await handle.close();
  }
}

function ifThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
