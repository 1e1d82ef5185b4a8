import { isRefusal } from "../client/errors.js";
import { traitsOf } from "../client/release.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStatus } from "../client/wire.js";
import { releaseOf } from "../nodes/look.js";
import type { Outcome } from "./outcome.js";

/**
 * What a server's answer to a wait says (nodetool-tasks: wait): nothing but `done` is success. An answer without a state, or with
 * one that is no end, leaves the outcome unknown; one about another task the client refuses.
 * @throws the error family, where more must be asked and no answer comes
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

/** Of what a server calls a state, in a message. */
const LONGEST_WORD = 60;

/** semantics 26: once it has ended, its type is empty. */
const TABLET_REPAIRS = new Set(["user_repair", "auto_repair", ""]);

const isTabletRepair = ({ kind, type = "" }: TaskStatus) => kind === "cluster" && TABLET_REPAIRS.has(type);

/**
 * semantics 25, 26: a wait for a repair of tablets answers `done` also if it was aborted. If its status stays readable, that says
 * which. Reading the status of a cluster task never destroys it.
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
