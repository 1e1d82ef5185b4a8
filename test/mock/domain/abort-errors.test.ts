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

describe("rule 30: the error of an aborted", () => {
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

  it("repair tells of each shard", () => {
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

  it.each(["repair", "snapshot", "sstables_loader"])(
    "task of %s without shards is that an abort was requested",
    (module) => {
      const stage = new Stage();
      const task = stage.task({ module, type: "any", scope: "keyspace", isAbortable: true, isUserTask: true });
      stage.node.abort(task.id);
      stage.clock.advance(ABORT_DELAY_MS);
      expect(task.error).toBe(REQUESTED);
    },
  );
});

describe("a task that takes no notice of an abort", () => {
  it("fails with it when it ends by itself", () => {
    const stage = new Stage();
    const root = stage.task({ isAbortable: true, isUserTask: true });
    const child: Task = stage.task({ parent: root, ignoresAbort: true });
    stage.node.abort(root.id);
    stage.clock.advance(ABORT_DELAY_MS);
    expect([root.state, child.state]).toEqual(["failed", "running"]);
    child.finish();
    expect(child).toMatchObject({ state: "failed", error: REQUESTED });
  });
});
