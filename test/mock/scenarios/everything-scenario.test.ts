import { describe, expect, it } from "vitest";
import type { ShownTask } from "../../../src/mock/domain/shown-task.js";
import { Task } from "../../../src/mock/domain/task.js";
import { RELEASE_NAMES, type ReleaseName } from "../../../src/mock/releases.js";
import { everythingOn, play, wholeTree } from "./played.js";

/** All tasks of the scenario after five seconds: the roots that nodes list, and their descendants. */
function seen(release: string): ShownTask[] {
  const { clock, manager } = play("everything", { release });
  clock.advance(5_000);
  return everythingOn(...manager.nodes).flatMap(wholeTree);
}

function statesByType(tasks: readonly ShownTask[]): Record<string, string[]> {
  const states = new Map<string, Set<string>>();
  for (const { type, scope, state } of tasks) {
    const subject = `${type}, ${scope}`;
    states.set(subject, (states.get(subject) ?? new Set()).add(state));
  }
  return Object.fromEntries([...states].map(([subject, ofSubject]) => [subject, [...ofSubject].sort()]));
}

const EACH = ["created", "done", "failed", "running"];
const LISTED_TABLET = ["created", "running"];

describe("everything", () => {
  const newest = seen("2026.3");

  it("has every type of task, in each state in which lists show it", () => {
    const roots = statesByType(newest.filter((task) => task.parentId === undefined));
    expect(roots).toEqual({
      "major compaction, global": EACH,
      "major compaction, keyspace": EACH,
      "global cleanup compaction, global": EACH,
      "cleanup compaction, keyspace": EACH,
      "offstrategy compaction, keyspace": EACH,
      "offstrategy compaction, compaction group": EACH,
      "upgrade sstables compaction, keyspace": EACH,
      "scrub sstables compaction, keyspace": EACH,
      "reshaping compaction, table": EACH,
      "resharding compaction, table": EACH,
      "regular compaction, compaction group": LISTED_TABLET,
      "repair, keyspace": EACH,
      "bootstrap, keyspace": EACH,
      "replace, keyspace": EACH,
      "rebuild, keyspace": EACH,
      "decommission, keyspace": EACH,
      "removenode, keyspace": EACH,
      "backup, node": EACH,
      "download_sstables, node": EACH,
      "restore_tablets, node": EACH,
      "bootstrap, cluster": EACH,
      "replace, cluster": EACH,
      "rebuild, cluster": EACH,
      "decommission, cluster": EACH,
      "remove node, cluster": EACH,
      "keyspace_rf_change, keyspace": EACH,
      "user_repair, table": LISTED_TABLET,
      "auto_repair, tablet": LISTED_TABLET,
      "migration, tablet": LISTED_TABLET,
      "intranode_migration, tablet": LISTED_TABLET,
      "split, table": LISTED_TABLET,
      "merge, table": LISTED_TABLET,
      "vnodes_to_tablets_migration, keyspace": ["running"],
      "pow2_convergence, keyspace": ["running"],
    });
  });

  it("has the levels of the catalogue", () => {
    const byId = new Map(newest.map((task) => [task.id, task]));
    const chains = new Set<string>();
    for (const task of newest) {
      if (task.children.length > 0) continue;
      const chain: string[] = [];
      for (let at: ShownTask | undefined = task; at !== undefined; at = byId.get(at.parentId ?? "")) {
        chain.unshift(`${at.type}, ${at.scope}`);
      }
      if (chain.length > 1) chains.add(chain.join(" > "));
    }
    const compaction = (type: string, group = type) =>
      `${type}, keyspace > ${type}, shard > ${type}, table > ${group}, compaction group`;
    const major = compaction("major compaction");
    const cleanup = "cleanup compaction";
    const expected = [
      major,
      `major compaction, global > ${major}`,
      compaction(cleanup),
      `global cleanup compaction, global > ${cleanup}, shard > ${cleanup}, table > ${cleanup}, compaction group`,
      compaction("offstrategy compaction"),
      compaction("upgrade sstables compaction", "sstables compaction"),
      compaction("scrub sstables compaction", "sstables compaction"),
      "reshaping compaction, table > reshaping compaction, shard > Reshape compaction, compaction group",
      "resharding compaction, table > resharding compaction, shard > Reshard compaction, compaction group",
      "vnodes_to_tablets_migration, keyspace > resharding compaction, table > resharding compaction, shard > Reshard compaction, compaction group",
      "repair, keyspace > repair, shard",
      "removenode, keyspace > removenode, shard",
      "user_repair, table > repair, keyspace > repair, shard",
      "auto_repair, tablet > repair, keyspace > repair, shard",
      "split, table > sstables compaction, compaction group",
      "remove node, cluster > removenode: streaming, node",
      "rebuild, cluster > rebuild: streaming, node",
      "pow2_convergence, keyspace > pow2_convergence, table > merge, table",
    ];
    expect([...chains]).toEqual(expect.arrayContaining(expected));
  });

  it("names keyspaces, tables and entities as the catalogue does", () => {
    for (const { kind, type, scope, keyspace, table, entity } of newest) {
      const subject = `${type}, ${scope}`;
      if (kind === "node") expect(entity, subject).toBe("");
      if (scope === "shard" || scope === "keyspace" || scope === "global" || scope === "node") {
        expect(table, subject).toBe("");
      }
      expect(keyspace === "", subject).toBe(scope === "global" || scope === "cluster" || /streaming/.test(type));
    }
    const [pow2] = newest.filter((task) => task.scope === "table" && task.type === "pow2_convergence");
    expect([pow2?.entity, pow2?.progressUnits, pow2?.progress]).toEqual([
      "48 tablets (target: 32)",
      "percent",
      { completed: 67, total: 100 },
    ]);
  });

  it("has the units of the catalogue, and lets the same tasks be aborted and kept for user_ttl", () => {
    const byId = new Map(newest.map((task) => [task.id, task]));
    const found = new Map<string, string>();
    for (const task of newest) {
      const parent = byId.get(task.parentId ?? "");
      if (!(task instanceof Task) || task.kind === "cluster" || parent?.kind === "node") continue;
      const subject = `${task.type}, ${task.scope}${parent === undefined ? "" : ` under ${parent.type}`}`;
      const can = `${task.progressUnits}${task.isAbortable ? ", abortable" : ""}${task.isUserTask ? ", user" : ""}`;
      expect(found.get(subject) ?? can, subject).toBe(can);
      found.set(subject, can);
    }
    const ofUser = (units: string) => `${units}, abortable, user`;
    const operations = ["bootstrap", "replace", "rebuild", "decommission", "removenode"];
    expect(Object.fromEntries(found)).toEqual({
      "major compaction, global": ofUser("bytes"),
      "major compaction, keyspace": ofUser("bytes"),
      "global cleanup compaction, global": ofUser("bytes"),
      "cleanup compaction, keyspace": ofUser("bytes"),
      "offstrategy compaction, keyspace": ofUser("bytes"),
      "offstrategy compaction, compaction group": "bytes, abortable",
      "upgrade sstables compaction, keyspace": ofUser("bytes"),
      "scrub sstables compaction, keyspace": ofUser("bytes"),
      "reshaping compaction, table": "bytes, abortable",
      "resharding compaction, table": "bytes, abortable",
      "resharding compaction, table under vnodes_to_tablets_migration": "bytes",
      "regular compaction, compaction group": "bytes, abortable",
      "sstables compaction, compaction group under split": "bytes",
      "repair, keyspace": ofUser("ranges"),
      "repair, keyspace under user_repair": ofUser("ranges"),
      "repair, keyspace under auto_repair": ofUser("ranges"),
      ...Object.fromEntries(operations.map((type) => [`${type}, keyspace`, "ranges, abortable"])),
      ...Object.fromEntries(
        operations.map((type) => [
          `${type}: streaming, node under ${type === "removenode" ? "remove node" : type}`,
          "",
        ]),
      ),
      "backup, node": ofUser("bytes"),
      "download_sstables, node": ofUser("batches"),
      "restore_tablets, node": ofUser("sstables"),
    });
  });

  it("has children of node tasks that cannot be aborted, and have the number of their root", () => {
    const byId = new Map(newest.map((task) => [task.id, task]));
    const children = newest.filter((task) => byId.get(task.parentId ?? "")?.kind === "node");
    expect(children.length).toBeGreaterThan(100);
    for (const task of children) {
      expect(task.isAbortable, task.type).toBe(false);
      expect(task.sequenceNumber, task.type).toBe(byId.get(task.parentId ?? "")?.sequenceNumber);
    }
  });

  it.each(RELEASE_NAMES)("%s: has tasks in every module, and no type that came later", (release) => {
    const { manager } = play("everything", { release });
    const [node] = manager.nodes;
    for (const name of node?.moduleNames ?? []) expect(node?.list(name, { internal: true }), name).not.toEqual([]);
    const types = new Set(everythingOn(...manager.nodes).map((task) => task.type));
    const isSince = (first: ReleaseName) => RELEASE_NAMES.indexOf(release) >= RELEASE_NAMES.indexOf(first);
    expect(types.has("restore_tablets")).toBe(isSince("2026.3"));
    expect(types.has("pow2_convergence")).toBe(isSince("2026.3"));
    expect(types.has("vnodes_to_tablets_migration")).toBe(isSince("2026.2"));
    expect(types.has("cluster backup")).toBe(isSince("2026.4"));
  });
});
