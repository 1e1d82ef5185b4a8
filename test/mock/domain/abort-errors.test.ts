import { describe, expect, it } from "vitest";
import { ABORT_DELAY_MS } from "../../../src/mock/domain/abort.js";
import type { Task } from "../../../src/mock/domain/task.js";
import { Stage } from "./stage.js";

const REQUESTED = "seastar::abort_requested_exception (abort requested)";
const stopped = (namespace: string) =>
  `${namespace}::compaction_stopped_exception (Compaction for shop/orders was stopped due to: user requested abort)`;

/** The errors with which an aborted compaction and the group below it end. */
function compactionErrors(type: string, release: string): string[] {
  const stage = new Stage({ release });
  stage.node.ttlSeconds = 60;
  const spec = { module: "compaction", type, keyspace: "shop" };
  const root = stage.task({ ...spec, scope: "table", table: "orders", isAbortable: true });
  const shard = stage.task({ ...spec, scope: "shard", parent: root });
  const group = stage.task({ ...spec, scope: "compaction group", table: "orders", parent: shard });
  stage.node.abort(root.id);
  stage.clock.advance(ABORT_DELAY_MS);
  return [root, shard, group].map((task) => task.error);
}

describe("semantics 30: the error of an aborted", () => {
  it.each([
    ["major compaction", "latest", REQUESTED],
    ["cleanup compaction", "2025.3", REQUESTED],
    ["cleanup compaction", "2025.4", stopped("compaction")],
    ["reshaping compaction", "2025.3", stopped("sstables")],
    ["reshaping compaction", "latest", stopped("compaction")],
    ["resharding compaction", "6.2", stopped("sstables")],
    ["resharding compaction", "2025.4", stopped("compaction")],
  ])("%s on %s, from the group up", (type, release, error) => {
    expect(compactionErrors(type, release)).toEqual([error, error, error]);
  });

  it("reshape without groups is 'abort requested'", () => {
    const stage = new Stage();
    const root = stage.task({ type: "reshaping compaction", scope: "table", isAbortable: true, isUserTask: true });
    stage.node.abort(root.id);
    stage.clock.advance(ABORT_DELAY_MS);
    expect(root.error).toBe(REQUESTED);
  });

  it("compaction is not that of a child that ended before", () => {
    const stage = new Stage();
    const spec = { type: "cleanup compaction", scope: "shard" };
    const root = stage.task({ ...spec, isAbortable: true, isUserTask: true });
    stage.task({ ...spec, parent: root }).finish();
    stage.task({ ...spec, parent: root }).fail("std::runtime_error (disk)");
    stage.node.abort(root.id);
    stage.clock.advance(ABORT_DELAY_MS);
    expect(root.error).toBe(REQUESTED);
  });

  it("repair names its table, and only the shards that failed", () => {
    const stage = new Stage();
    const spec = { module: "repair", type: "repair", keyspace: "shop", tables: ["orders", "customers"] };
    const root = stage.task({ ...spec, id: "root", scope: "keyspace", isAbortable: true, isUserTask: true });
    stage.task({ ...spec, scope: "shard", shard: 0, parent: root }).finish();
    const shard = stage.task({ ...spec, scope: "shard", shard: 1, table: "orders", parent: root });
    stage.node.abort(root.id);
    stage.clock.advance(ABORT_DELAY_MS);
    expect(shard.error).toContain(', tables=["orders"], ');
    expect(root.error).toMatch(/^std::runtime_error \(\["shard 1: [^,]*repair\[root\]/);
  });

  it("node operation has its own text, that of its child does not", () => {
    const stage = new Stage();
    const operation = stage.clusterTask({ module: "node_ops", type: "remove node", isQueued: true });
    stage.node.abort(operation.id);
    const child = stage.task({ module: "node_ops", parent: operation });
    stage.clock.advance(ABORT_DELAY_MS);
    expect([operation.error, child.error]).toEqual(["aborted on user request", REQUESTED]);
  });

  it("tablet repair is empty", () => {
    const stage = new Stage();
    const repair = stage.clusterTask({ module: "tablets", type: "user_repair" });
    stage.node.abort(repair.id);
    stage.clock.advance(ABORT_DELAY_MS);
    expect(repair).toMatchObject({ state: "failed", error: "" });
  });

  it("repair has that of each shard", () => {
    const stage = new Stage();
    const spec = {
      module: "repair",
      type: "repair",
      keyspace: "shop",
      tables: ["orders", "customers"],
      isUserTask: true,
    };
    const root = stage.task({ ...spec, id: "root", scope: "keyspace", isAbortable: true });
    const shards = [0, 1].map((shard) => {
      const task = stage.task({ ...spec, scope: "shard", shard, parent: root });
      task.reportProgress(10 + shard, 256);
      return task;
    });
    stage.node.abort(root.id);
    stage.clock.advance(ABORT_DELAY_MS);
    const shardError = (failed: number, quote: string) =>
      `std::runtime_error (repair[root]: ${failed} out of 256 ranges failed, keyspace=shop, ` +
      `tables=[${quote}orders${quote}, ${quote}customers${quote}], repair_reason=repair, ` +
      "nodes_down_during_repair={}, aborted_by_user=true, failed_because=N/A)";
    expect(shards.map((shard) => shard.error)).toEqual([shardError(246, '"'), shardError(245, '"')]);
    const quoted = [shardError(246, '\\"'), shardError(245, '\\"')].map((error, shard) => `"shard ${shard}: ${error}"`);
    expect(root.error).toBe(`std::runtime_error ([${quoted.join(", ")}])`);
  });

  it.each(["repair", "snapshot", "sstables_loader"])("task of %s without shards is 'abort requested'", (module) => {
    const stage = new Stage();
    const task = stage.task({ module, type: "any", scope: "keyspace", isAbortable: true, isUserTask: true });
    stage.node.abort(task.id);
    stage.clock.advance(ABORT_DELAY_MS);
    expect(task.error).toBe(REQUESTED);
  });
});

describe("a task that notices an abort late", () => {
  it("fails when it finishes by itself", () => {
    const stage = new Stage();
    const root = stage.task({ isAbortable: true, isUserTask: true });
    const child: Task = stage.task({ parent: root, noticesAbortLate: true });
    stage.node.abort(root.id);
    stage.clock.advance(ABORT_DELAY_MS);
    expect([root.state, child.state]).toEqual(["failed", "running"]);
    child.finish();
    expect(child).toMatchObject({ state: "failed", error: REQUESTED });
  });
});
