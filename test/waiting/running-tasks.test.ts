import { describe, expect, test } from "vitest";
import type { Nodes } from "../../src/nodes/nodes.js";
import { type RunningTaskFilter, runningTasks } from "../../src/waiting/running-tasks.js";

/** What of the tasks of some nodes, by module, counts as running, as `module/type`. */
async function running(
  tasks: Readonly<Record<string, readonly { task_id?: string; type?: string; state?: string }[]>>,
  { modules, types }: Partial<RunningTaskFilter> = {},
): Promise<string[]> {
  const nodes = {
    async *each() {
      // Two nodes of different releases: the second lacks the last module.
      yield { value: Object.keys(tasks) };
      yield { value: Object.keys(tasks).slice(0, -1) };
    },
    async *tasks({ module }: { module: string }) {
      yield tasks[module] ?? [];
    },
  } as unknown as Nodes;
  return (await runningTasks(nodes, { modules, types })).map(({ module, type }) => `${module}/${type}`);
}

const task = (type: string, state = "running") => ({ task_id: "a", type, state });

describe("what runs and would be harmed by a restart", () => {
  test("is node operations, repairs, tablet migrations, restores, backups and changes of replication", async () => {
    const tasks = {
      compaction: [task("major compaction")],
      node_ops: [task("decommission"), task("rebuild: streaming")],
      repair: [task("repair")],
      tablets: [task("user_repair"), task("migration"), task("split"), task("merge")],
      snapshot: [task("backup")],
      sstables_loader: [task("download_sstables")],
      vnodes_to_tablets_migration: [task("vnodes_to_tablets_migration")],
      global_topology_requests: [task("keyspace_rf_change")],
    };
    const harmed = [
      "node_ops/decommission",
      "node_ops/rebuild: streaming",
      "repair/repair",
      "tablets/user_repair",
      "tablets/migration",
      "snapshot/backup",
      "sstables_loader/download_sstables",
      "global_topology_requests/keyspace_rf_change",
    ];
    expect(await running(tasks)).toEqual(harmed);
    expect(await running(tasks, { types: ["*"] })).toEqual(harmed.toSpliced(5, 0, "tablets/split", "tablets/merge"));
    expect(await running(tasks, { modules: ["tablets", "compaction"] })).toEqual([
      "tablets/user_repair",
      "tablets/migration",
      "tablets/split",
      "tablets/merge",
      "compaction/major compaction",
    ]);
  });

  test("is what the server does not call ended, and has an id", async () => {
    const states = ["created", "running", "done", "failed", "suspended", "unheard-of"];
    const tasks = { repair: [...states.map((state) => task(state, state)), { type: "nameless" }, { task_id: "b" }] };
    expect(await running(tasks)).toEqual(["repair/created", "repair/running", "repair/unheard-of", "repair/undefined"]);
  });

  test("can be limited to types that match one of several patterns", async () => {
    const tasks = { repair: [task("repair"), task("rebuild"), task("bootstrap"), { task_id: "b" }] };
    expect(await running(tasks, { types: ["re*d", "boot*"] })).toEqual(["repair/rebuild", "repair/bootstrap"]);
  });
});
