import { isRefusal } from "../client/errors.js";
import { traitsOf } from "../client/release.js";
import { parentOf, timeOf } from "../client/wire.js";
import { lookOf } from "../nodes/look.js";
import type { ListedTask } from "../nodes/nodes.js";
import { inParallel } from "../runtime/in-parallel.js";
import type { Planning } from "./operation.js";

const LOOKS_AT_ONCE = 32;

/**
 * The tablet tables, as `keyspace.table`, that were repaired successfully since a time. The list of `tablets` has only running
 * tasks. But the repairs of single tablets, which are its children, stay in the lists of their nodes for `user_ttl` seconds and
 * name their parent, whose status can be read for days (semantics 26).
 */
export async function repairedSince(planning: Planning, sinceMs: number): Promise<ReadonlySet<string>> {
  const { nodes, call, say } = planning;
  const release = await planning.release();
  if (!traitsOf(release).tabletRepairReadableAfterEnd) {
    await say(`warning: ${release.text} forgets tablet repairs when they end: --skip-done-since skips none`);
    return new Set();
  }
  const rows: ListedTask[] = [];
  for await (const batch of nodes.tasks({ module: "repair" })) {
    for (const row of batch) {
      const { task_id, type, state, end_time } = row;
      if (task_id === undefined || type !== "repair" || state !== "done") continue;
      if ((timeOf(end_time) ?? 0) >= sinceMs) rows.push({ ...row, task_id });
    }
  }
  const parts = await nodes.locate(rows);
  const parents = new Set<string>();
  const looks = inParallel(parts, LOOKS_AT_ONCE, async ({ id, client }) => {
    const status = await lookOf(client)(id, call);
    const parent = status === undefined ? undefined : parentOf(status);
    if (parent !== undefined) parents.add(parent);
  });
  await Promise.all(looks);
  const done = new Set<string>();
  const ends = inParallel(parents, LOOKS_AT_ONCE, async (id) => {
    // Reading a cluster task never unregisters it.
    const status = await nodes.contact.taskStatus(id, call).catch((error: unknown) => {
      if (isRefusal(error)) return undefined;
      throw error;
    });
    if (status?.kind === "cluster" && status.state === "done") done.add(`${status.keyspace}.${status.table}`);
  });
  await Promise.all(ends);
  return done;
}
