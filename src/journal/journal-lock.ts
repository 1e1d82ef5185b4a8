import { randomBytes } from "node:crypto";
import { promises as files } from "node:fs";
import { join } from "node:path";
import { isRunning, ownIdentity, type ProcessIdentity } from "../runtime/processes.js";

/** Another recorder writes to the journal, or may do so. */
export class JournalLockedError extends Error {
  override readonly name = "JournalLockedError";
}

/** The process that writes to a journal. */
interface Owner extends ProcessIdentity {
  readonly started: string;
}

/**
 * Makes this process the only writer of a journal. The file `lock` names the writer. A lock left behind by a process that has ended
 * is taken over. Only one process at a time takes over, and it reads the lock again before it replaces it, so that only one of two
 * processes that start at once gets it.
 * @returns a function that releases the lock
 * @throws JournalLockedError
 */
export async function lockJournal(directory: string, nowMs: number): Promise<() => Promise<void>> {
  const path = join(directory, "lock");
  const owner: Owner = { ...ownIdentity(), started: new Date(nowMs).toISOString() };
  const text = `${JSON.stringify(owner)}\n`;
  const mine = `${path}.${owner.pid}-${randomBytes(4).toString("hex")}`;
  await files.writeFile(mine, text, { mode: 0o600, flag: "wx" });
  try {
    if (!(await linked(mine, path))) await takeOver(path, mine);
  } finally {
    await files.rm(mine, { force: true });
  }
  return async () => {
    if ((await textOf(path)) === text) await files.rm(path, { force: true });
  };
}

/** @throws JournalLockedError if the owner of the lock may still run, or another process is taking it over */
async function takeOver(path: string, mine: string): Promise<void> {
  const stale = await textOf(path);
  if (stale === undefined) {
    if (await linked(mine, path)) return;
    throw new JournalLockedError("another recorder is just starting to write to it");
  }
  refuseIfOwned(stale, path);
  const takeover = `${path}.takeover`;
  if (!(await linked(mine, takeover))) {
    throw new JournalLockedError(`another recorder is just taking it over (if none is running, remove ${takeover})`);
  }
  try {
    if ((await textOf(path)) !== stale) {
      throw new JournalLockedError("another recorder is just starting to write to it");
    }
    await files.rename(mine, path);
  } finally {
    await files.rm(takeover, { force: true });
  }
}

function refuseIfOwned(text: string, path: string): void {
  const owner = ownerOf(text);
  // A lock that cannot be parsed names no process: the disk was full, or the machine lost power.
  if (owner === undefined) return;
  const runs = isRunning(owner);
  if (runs === false) return;
  const who = `process ${owner.pid} on ${owner.host}, since ${owner.started}`;
  throw new JournalLockedError(
    runs
      ? `another recorder is writing to it: ${who}`
      : `another recorder may be writing to it: ${who}. If it is no longer running, remove ${path}`,
  );
}

function ownerOf(text: string): Owner | undefined {
  try {
    const { pid, host, begin = "", started = "" } = JSON.parse(text) as Partial<Owner>;
    return Number.isSafeInteger(pid) && typeof host === "string"
      ? { pid: pid as number, host, begin, started }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Gives a file a second name unless that name is taken: an atomic step, with the content complete. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await files.link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await files.readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
