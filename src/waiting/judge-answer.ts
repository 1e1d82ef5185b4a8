import { isRefusal } from "../client/errors.js";
import { traitsOf } from "../client/release.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStatus } from "../client/wire.js";
import { releaseOf } from "../nodes/look.js";
import type { Outcome } from "./outcome.js";

/**
 * Judges a server's answer to a wait (nodetool-tasks: wait): only `done` is success. Without a state, or with one that
 * is not final, the outcome is unknown. The client rejects an answer about another task.
 * @throws the error family if another request is needed and fails
 */
export async function judgeAnswer(
  id: string,
  status: TaskStatus,
  client: TaskManagerClient,
  call: CallOptions,
): Promise<Outcome> {
  const unknown = { kind: "unknown", id, isGone: false } as const;
  if (Object.keys(status).length === 0) {
    return { ...unknown, reason: `the server returned an empty status for task ${id}`, status, isEmptyAnswer: true };
  }
  switch (status.state) {
    case "failed":
      return { kind: "failed", id, status };
    case "suspended":
      return { kind: "suspended", id, status, note: `task ${id} was suspended: neither done nor failed` };
    case "done":
      return isTabletRepair(status) ? await judgeTabletRepair(id, status, client, call) : { kind: "done", id, status };
    default: {
      const said = status.state
        ? `that task ${id} is ${status.state.slice(0, LONGEST_WORD)}`
        : `no state for task ${id}`;
      return {
        ...unknown,
        reason: `the server ended the wait and reported ${said}, so the outcome is unknown`,
        status,
      };
    }
  }
}

/** Limit for a server's state in a message. */
const LONGEST_WORD = 60;

/** semantics 26: once ended, its type is empty. */
const TABLET_REPAIRS = new Set(["user_repair", "auto_repair", ""]);

const isTabletRepair = ({ kind, type = "" }: TaskStatus) => kind === "cluster" && TABLET_REPAIRS.has(type);

/**
 * semantics 25, 26: a wait for a tablet repair answers `done` even if it was aborted. If its status stays readable,
 * that tells which. Reading the status of a cluster task never makes the server forget it.
 */
async function judgeTabletRepair(
  id: string,
  status: TaskStatus,
  client: TaskManagerClient,
  call: CallOptions,
): Promise<Outcome> {
  const release = await releaseOf(client, call);
  const unsaid: Outcome = {
    kind: "done",
    id,
    status,
    note: `task ${id} is done or was aborted: this server${release.isKnown ? ` (${release.text})` : ""} reports the same for both`,
  };
  if (!traitsOf(release).tabletRepairReadableAfterEnd) return unsaid;
  let final: TaskStatus;
  try {
    final = await client.taskStatus(id, call);
  } catch (error) {
    if (isRefusal(error)) return unsaid;
    throw error;
  }
  if (final.state === "done") return { kind: "done", id, status };
  if (final.state !== "failed") {
    const note = `task ${id} is done, and its status is now ${final.state}: its table may have been dropped`;
    return { kind: "done", id, status, note };
  }
  const { progress_completed: completed = 0, progress_total: total = 0, progress_units = "tablets" } = final;
  const extent = total > 0 ? `: ${completed} of ${total} tablets repaired` : "";
  return {
    kind: "failed",
    id,
    status: { ...status, state: "failed", progress_completed: completed, progress_total: total, progress_units },
    note: `task ${id} was aborted${extent}`,
  };
}
