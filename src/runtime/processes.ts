import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** A process on this or another machine, distinguished from later ones with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Its start time as the kernel writes it; empty if unknown. */
  readonly begin: string;
}

/** This process. */
export const ownIdentity = (): ProcessIdentity => ({
  pid: process.pid,
  host: hostname(),
  begin: beginOf(process.pid),
});

/** Whether a process is still running; `undefined` if unknown, as on another host. */
export function isRunning({ pid, host, begin }: ProcessIdentity): boolean | undefined {
  if (host !== hostname()) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Of another user's process the system says that it is there.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = beginOf(pid);
  if (begin !== "" && now !== "") return begin === now;
  // Where the system does not say more, a process that has this one's number is none but an earlier one.
  return pid !== process.pid;
}

/** proc(5): the 22nd field of `stat`; the second, in parentheses, may hold spaces. */
function beginOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
