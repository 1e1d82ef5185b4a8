import { describe, expect, it } from "vitest";
import { Random } from "../../src/mock/random.js";
import { newTaskId } from "../../src/mock/task-id.js";

const versionOf = (id: string) =>
  Number(/^[0-9a-f]{8}-[0-9a-f]{4}-(\d)[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.exec(id)?.[1]);

describe("the id of", () => {
  it.each([
    ["node", "repair", "repair", 4],
    ["node", "node_ops", "rebuild: streaming", 4],
    ["cluster", "node_ops", "rebuild", 1],
    ["cluster", "tablets", "user_repair", 1],
    ["cluster", "global_topology_requests", "keyspace_rf_change", 1],
    ["cluster", "vnodes_to_tablets_migration", "vnodes_to_tablets_migration", 3],
    ["cluster", "vnodes_to_tablets_migration", "pow2_convergence", 3],
  ] as const)("a %s task of %s, %s, is a UUID of version %i", (kind, module, type, version) => {
    const id = (seed: number) => newTaskId({ kind, module, type, keyspace: "shop" }, new Random(seed, "key"));
    expect(versionOf(id(1))).toBe(version);
    expect(id(1)).toBe(id(1));
    expect(id(1) === id(2)).toBe(version === 3);
  });

  it("a migration follows from its keyspace, and from the table where it has one", () => {
    const migration = (type: string, keyspace: string, table = "") =>
      newTaskId({ kind: "cluster", module: "vnodes_to_tablets_migration", type, keyspace, table }, new Random(1, ""));
    expect(migration("vnodes_to_tablets_migration", "shop")).toBe("fb54f3c5-992b-36d0-81bb-16e8e92d968d");
    const ids = [
      migration("vnodes_to_tablets_migration", "shop"),
      migration("vnodes_to_tablets_migration", "accounts"),
      migration("pow2_convergence", "shop"),
      migration("pow2_convergence", "shop", "orders"),
      migration("pow2_convergence", "shop", "customers"),
    ];
    expect(new Set(ids).size).toBe(5);
  });
});
