import { describe, expect, it } from "vitest";
import { ABORT_DELAY_MS } from "../../../src/mock/domain/abort.js";
import type { ShownTask } from "../../../src/mock/domain/shown-task.js";
import type { Task } from "../../../src/mock/domain/task.js";
import { Stage } from "./stage.js";

const EPOCH = 0;
const HOST = "5d2a7f0e-64b8-4c31-9a0f-b7f1c6e3d582";
const TEN_DAYS_MS = 10 * 24 * 3600 * 1000;

const ids = (views: readonly ShownTask[]) => views.map((view) => view.id);

const operation = (stage: Stage, type = "decommission", isQueued = false) =>
  stage.clusterTask({ module: "node_ops", type, scope: "cluster", entity: HOST, isQueued });

const repair = (stage: Stage, type = "user_repair") => {
  const task = stage.clusterTask({
    module: "tablets",
    type,
    scope: "table",
    keyspace: "shop",
    table: "orders",
    progressUnits: "tablets",
  });
  task.reportProgress(3, 8);
  return task;
};

const abort = (stage: Stage, task: Task) => {
  stage.node.abort(task.id);
  stage.clock.advance(ABORT_DELAY_MS);
};

describe("semantics 24: node operations", () => {
  it("are listed according to the present user_ttl of the asked node", () => {
    const stage = new Stage({ nodes: 2 });
    const task = operation(stage);
    task.finish();
    stage.clock.advance(60_000);
    const seen = () => [0, 1].map((node) => stage.nodeAt(node).list("node_ops").length);
    expect(seen()).toEqual([1, 1]);
    stage.nodeAt(1).userTtlSeconds = 60;
    expect(seen()).toEqual([1, 0]);
    stage.nodeAt(1).userTtlSeconds = 61;
    expect(seen()).toEqual([1, 1]);
    stage.clock.advance(3_600_000);
    expect(seen()).toEqual([0, 0]);
    expect(stage.node.status(task.id).state).toBe("done");
  });

  it("6.2: according to its ttl, and are only found while they are listed", () => {
    const stage = new Stage({ release: "6.2" });
    const task = operation(stage);
    task.finish();
    expect(() => stage.node.status(task.id)).toThrow("not found");
    stage.node.ttlSeconds = 10;
    expect(stage.node.status(task.id)).toMatchObject({ type: "leave", state: "done" });
    expect(ids(stage.node.list("node_ops"))).toEqual([task.id]);
  });

  it.each(["6.2", "latest"])("%s: an unknown id is not found", (release) => {
    const stage = new Stage({ release });
    operation(stage);
    expect(() => stage.node.status("nobody")).toThrow("task with id nobody not found");
  });

  it("since 2026.1 have an entity and are abortable until they end", () => {
    const stage = new Stage();
    const task = operation(stage);
    expect(task).toMatchObject({ entity: HOST, isAbortable: true });
    task.finish();
    expect(task).toMatchObject({ entity: "", isAbortable: false });
    expect(operation(new Stage({ release: "2025.4" }))).toMatchObject({ entity: "", isAbortable: false });
  });

  it("have the time of the request as start time, and no progress", () => {
    const stage = new Stage();
    const task = operation(stage, "rebuild", true);
    const requestedMs = stage.clock.nowMs();
    stage.clock.advance(5_000);
    task.start();
    task.reportProgress(1, 2);
    expect(task).toMatchObject({ state: "running", startTimeMs: requestedMs, progress: { completed: 0, total: 0 } });
    expect(stage.clusterTask({ module: "node_ops", progressUnits: "ranges" }).progressUnits).toBe("");
  });

  it("a wait after their end returns their status", async () => {
    const stage = new Stage();
    const task = operation(stage);
    task.fail("std::runtime_error (no space)");
    stage.clock.advance(1_000);
    expect(await stage.node.wait(task.id)).toBe(stage.node.status(task.id));
  });

  it("are aborted while they are queued", () => {
    const stage = new Stage();
    const task = operation(stage, "remove node", true);
    abort(stage, task);
    expect(task).toMatchObject({ state: "failed", error: "aborted on user request" });
    expect(() => stage.node.abort(task.id)).toThrow(`task with id ${task.id} cannot be aborted`);
  });

  it("2026.4: keep both after their end, but cannot be aborted", () => {
    const stage = new Stage({ release: "2026.4" });
    const task = operation(stage);
    task.finish();
    expect(stage.node.status(task.id)).toMatchObject({ isAbortable: true, entity: HOST });
    expect(() => stage.node.abort(task.id)).toThrow(`std::runtime_error (Don't know how to abort ${task.id})`);
  });

  it("a decommission counts as queued until it streams", () => {
    const stage = new Stage();
    const moving = operation(stage);
    const streaming = operation(stage);
    stage.task({ module: "node_ops", type: "decommission: streaming", parent: streaming });
    abort(stage, moving);
    expect(moving.state).toBe("failed");
    expect(() => stage.node.abort(streaming.id)).toThrow(
      `std::runtime_error (request ${streaming.id} for node ${HOST} is already running and cannot be aborted)`,
    );
  });

  it("other running operations cannot be aborted, even before they stream", () => {
    const stage = new Stage();
    const task = operation(stage, "rebuild");
    expect(() => stage.node.abort(task.id)).toThrow("is already running and cannot be aborted");
  });

  it.each([
    ["bootstrap", "join"],
    ["replace", "replace"],
  ])("a %s cannot be aborted", (type, request) => {
    const stage = new Stage();
    const task = operation(stage, type, true);
    expect(() => stage.node.abort(task.id)).toThrow(
      `std::runtime_error (cannot abort ${request} request for node ${HOST})`,
    );
  });

  it.each(["6.2", "seed", "latest"])("%s: their streaming is not internal, and is kept for ttl", (release) => {
    const stage = new Stage({ release });
    const parent = operation(stage, "rebuild");
    const [kept, gone] = [60, 0].map((ttlSeconds) => {
      const child = stage.task({ module: "node_ops", type: "rebuild: streaming", scope: "node", parent });
      expect(child.isInternal).toBe(false);
      stage.node.ttlSeconds = ttlSeconds;
      child.finish();
      return child;
    });
    expect(ids(parent.children)).toEqual([kept?.id]);
    expect(stage.isFound(gone as Task)).toBe(false);
  });
});

describe("semantics 25: a wait for a tablet task returns its status at the beginning, with the state of its end", () => {
  const outcome = async (end: (task: Task, stage: Stage) => void, type: string, release = "latest") => {
    const stage = new Stage({ release });
    const task = repair(stage, type);
    const wait = stage.node.wait(task.id);
    stage.clock.advance(9_000);
    task.reportProgress(6, 8);
    end(task, stage);
    return { stage, task, view: await wait };
  };

  it.each([
    ["user_repair", "finish", "done"],
    ["migration", "finish", "done"],
    ["migration", "fail", "failed"],
    ["intranode_migration", "fail", "failed"],
    ["split", "finish", "done"],
    ["split", "suspend", "suspended"],
    ["merge", "suspend", "suspended"],
  ] as const)("%s, %s: %s", async (type, end, state) => {
    const { stage, view } = await outcome((task) => (end === "fail" ? task.fail("") : task[end]()), type);
    expect(view).toMatchObject({ type, state, error: "", endTimeMs: stage.clock.nowMs() });
  });

  it("has the progress of the beginning, and the children of the end", async () => {
    const { view, stage, task } = await outcome((repairing, at) => {
      at.task({ module: "repair", type: "repair", scope: "keyspace", parent: repairing, isUserTask: true });
      repairing.finish();
    }, "user_repair");
    expect(view).toMatchObject({ progress: { completed: 3, total: 8 }, startTimeMs: stage.clock.nowMs() - 9_000 });
    expect(view.children).toMatchObject([{ type: "repair", parentId: task.id }]);
  });

  it("is done for an aborted repair, too", async () => {
    const { view, stage, task } = await outcome((repairing, at) => abort(at, repairing), "user_repair");
    expect(view).toMatchObject({ state: "done", error: "" });
    expect(stage.node.status(task.id)).toMatchObject({
      state: "failed",
      error: "",
      progress: { completed: 6, total: 8 },
    });
  });

  it.each([
    ["2025.4.7", false],
    ["2025.4.8", true],
    ["2026.1.0", false],
    ["latest", true],
  ])("%s: if the table is dropped meanwhile, is answered: %s", async (release, isAnswered) => {
    for (const type of ["user_repair", "migration"]) {
      const wait = outcome((_, stage) => stage.manager.dropTable("shop", "orders"), type, release);
      if (isAnswered) expect((await wait).view.state).toBe("done");
      else {
        await expect(wait).rejects.toThrow(
          "data_dictionary::no_such_column_family (Can't find a column family orders in keyspace shop)",
        );
      }
    }
  });

  it("2025.1: has the children of a split, and none of a repair", async () => {
    const withChild = (task: Task, stage: Stage) => {
      stage.task({ parent: task, isUserTask: true });
      task.finish();
    };
    const childrenOf = async (type: string) => (await outcome(withChild, type, "2025.1")).view.children.length;
    expect([await childrenOf("user_repair"), await childrenOf("split")]).toEqual([0, 1]);
  });

  it("is done, too, if it begins after the end of a repair", async () => {
    const stage = new Stage();
    const task = repair(stage);
    abort(stage, task);
    stage.clock.advance(5_000);
    expect(await stage.node.wait(task.id)).toMatchObject({ state: "done", type: "", endTimeMs: stage.clock.nowMs() });
  });
});

describe("semantics 26: tablet tasks", () => {
  it("are listed until they end, whatever the ttl is", () => {
    const stage = new Stage();
    const tasks = ["user_repair", "auto_repair", "migration", "split"].map((type) => repair(stage, type));
    expect(stage.node.list("tablets").map((task) => [task.type, task.entity, task.isAbortable])).toEqual([
      ["user_repair", "", true],
      ["auto_repair", "", true],
      ["migration", "", false],
      ["split", "", false],
    ]);
    for (const task of tasks) task.finish();
    expect(stage.node.list("tablets")).toEqual([]);
    for (const task of tasks.slice(2)) expect(() => stage.node.status(task.id)).toThrow("not found");
  });

  it("are created until they start, and have the time of the request", () => {
    const stage = new Stage();
    const task = stage.clusterTask({ module: "tablets", type: "user_repair", isQueued: true });
    const requestedMs = stage.clock.nowMs();
    expect(stage.node.list("tablets")).toMatchObject([{ state: "created", startTimeMs: requestedMs }]);
    stage.clock.advance(5_000);
    task.start();
    expect(stage.node.list("tablets")).toMatchObject([{ state: "running", startTimeMs: requestedMs }]);
  });

  it("a finished repair can be read for ten days, and its abort changes nothing", () => {
    const stage = new Stage();
    const task = repair(stage);
    task.finish();
    abort(stage, task);
    expect(stage.node.status(task.id)).toMatchObject({
      id: task.id,
      type: "",
      scope: "",
      state: "done",
      startTimeMs: EPOCH,
      endTimeMs: EPOCH,
      keyspace: "shop",
      table: "orders",
      progressUnits: "tablets",
      error: "",
    });
    stage.clock.advance(TEN_DAYS_MS - ABORT_DELAY_MS - 1);
    expect(stage.node.status(task.id).state).toBe("done");
    stage.clock.advance(1);
    expect(() => stage.node.status(task.id)).toThrow("not found");
    const second = repair(stage);
    second.finish();
    expect(stage.node.status(second.id).state).toBe("done");
  });

  it("have only an id left if their table is dropped", () => {
    const stage = new Stage();
    const [before, after] = [repair(stage), repair(stage)];
    stage.task({ module: "repair", parent: before, isUserTask: true });
    before.fail("broken");
    stage.manager.dropTable("shop", "customers");
    stage.manager.dropTable("archive", "orders");
    expect(after.state).toBe("running");
    expect(stage.node.status(before.id)).toMatchObject({ state: "failed", table: "orders" });
    stage.manager.dropTable("shop", "orders");
    for (const task of [before, after]) {
      expect(stage.node.status(task.id)).toEqual({
        id: task.id,
        type: "",
        kind: "cluster",
        scope: "",
        state: "created",
        isAbortable: false,
        isInternal: false,
        startTimeMs: EPOCH,
        endTimeMs: EPOCH,
        error: "",
        parentId: undefined,
        sequenceNumber: 0,
        shard: 0,
        keyspace: "",
        table: "",
        entity: "",
        progressUnits: "",
        progress: { completed: 0, total: 0 },
        nodeAddress: undefined,
        children: [],
      });
      abort(stage, task);
      expect(stage.node.status(task.id).state).toBe("created");
    }
  });

  it.each([
    ["2025.1", false, "", 0],
    ["2025.2", true, "", 0],
    ["2025.4.2", true, "", 0],
    ["2025.4.3", true, "tablets", 8],
    ["latest", true, "tablets", 8],
  ])(
    "%s: a repair names its children: %s; its units are '%s', its total %i",
    (release, hasChildren, progressUnits, total) => {
      const stage = new Stage({ release });
      const task = repair(stage);
      const child = stage.task({ module: "repair", type: "repair", parent: task });
      const view = stage.node.status(task.id);
      expect(ids(view.children)).toEqual(hasChildren ? [child.id] : []);
      expect(view).toMatchObject({ progressUnits, progress: { total } });
      expect(stage.node.status(child.id).parentId).toBe(task.id);
    },
  );
});

describe("semantics 27: global topology requests", () => {
  const request = (stage: Stage, ignoresAbort = false) =>
    stage.clusterTask({
      module: "global_topology_requests",
      type: "keyspace_rf_change",
      scope: "keyspace",
      ignoresAbort,
    });

  it("are always abortable, and have their own error text", () => {
    const stage = new Stage();
    const task = request(stage);
    abort(stage, task);
    expect(task).toMatchObject({ state: "failed", error: "Aborted by user request", isAbortable: true });
    abort(stage, task);
    expect(task.state).toBe("failed");
    expect(ids(stage.node.list("global_topology_requests"))).toEqual([task.id]);
  });

  it("can be aborted twice, and fail once, a little later", () => {
    const stage = new Stage();
    const task = request(stage);
    stage.node.abort(task.id);
    stage.node.abort(task.id);
    expect([task.state, stage.clock.scheduledCount]).toEqual(["running", 1]);
    stage.clock.advance(ABORT_DELAY_MS - 1);
    expect(task.state).toBe("running");
    const done = request(stage);
    done.finish();
    stage.node.abort(done.id);
    expect(stage.clock.scheduledCount).toBe(1);
  });

  it("are listed according to the present user_ttl of the asked node, and stay readable", () => {
    const stage = new Stage({ nodes: 2, userTtlSeconds: [60, 0] });
    const task = request(stage);
    task.finish();
    const listed = () => [0, 1].map((node) => stage.nodeAt(node).list("global_topology_requests").length);
    expect(listed()).toEqual([1, 0]);
    stage.clock.advance(60_000);
    expect(listed()).toEqual([0, 0]);
    expect(stage.node.status(task.id)).toMatchObject({ state: "done", isAbortable: true });
  });

  it("tell when they were requested, and nothing of their progress", () => {
    const stage = new Stage();
    const requestedMs = stage.clock.nowMs();
    const task = stage.clusterTask({ module: "global_topology_requests", progressUnits: "ranges", isQueued: true });
    stage.clock.advance(5_000);
    task.start();
    task.reportProgress(1, 2);
    expect(task).toMatchObject({
      startTimeMs: requestedMs,
      progressUnits: "",
      progress: { completed: 0, total: 0 },
    });
  });

  it("ignore an abort that comes too late", () => {
    const stage = new Stage();
    const task = request(stage, true);
    abort(stage, task);
    expect(task.state).toBe("running");
    task.finish();
    expect(task.state).toBe("done");
  });
});

describe("semantics 28, 29: migrations from vnodes to tablets", () => {
  const migration = (stage: Stage, wishes: Parameters<Stage["clusterTask"]>[0] = {}) =>
    stage.clusterTask({
      module: "vnodes_to_tablets_migration",
      type: "vnodes_to_tablets_migration",
      keyspace: "shop",
      isAbortable: true,
      isQueued: true,
      ...wishes,
    });

  it.each([
    ["finish", "done"],
    ["suspend", "suspended"],
  ] as const)("run without times until they end, %s: a wait returns %s, and the task is gone", async (end, state) => {
    const stage = new Stage();
    const task = migration(stage);
    task.reportProgress(1, 3);
    expect(stage.node.status(task.id)).toMatchObject({
      type: "vnodes_to_tablets_migration",
      keyspace: "shop",
      state: "running",
      isAbortable: false,
      startTimeMs: EPOCH,
      progress: { completed: 1, total: 3 },
    });
    expect(() => stage.node.abort(task.id)).toThrow("cannot be aborted");
    const wait = stage.node.wait(task.id);
    stage.clock.advance(1_000);
    task[end]();
    expect(await wait).toMatchObject({ state, startTimeMs: EPOCH, endTimeMs: stage.clock.nowMs() });
    expect(() => stage.node.status(task.id)).toThrow("not found");
    expect(stage.node.list("vnodes_to_tablets_migration")).toEqual([]);
  });

  it("semantics 20, 29: a cluster task can have cluster tasks as children, which no tree shows", () => {
    const stage = new Stage();
    const keyspace = migration(stage, { type: "pow2_convergence" });
    const table = migration(stage, { type: "pow2_convergence", table: "orders", parent: keyspace });
    const merge = stage.clusterTask({ module: "tablets", type: "merge", parent: table });
    expect(ids(keyspace.children)).toEqual([table.id]);
    expect([table.parentId, merge.parentId]).toEqual([keyspace.id, table.id]);
    expect(ids(stage.node.recursiveStatus(keyspace.id))).toEqual([keyspace.id]);
    merge.finish();
    expect(table.children).toEqual([]);
  });

  it("before 2026.3 no cluster task has a parent", () => {
    const stage = new Stage({ release: "2026.2" });
    const merge = stage.clusterTask({ module: "tablets", type: "merge", parent: migration(stage) });
    expect(merge.parentId).toBeUndefined();
  });
});

describe("semantics 23: while a node goes down", () => {
  const answers = async (release: string) => {
    const stage = new Stage({ nodes: 2, release });
    const task = operation(stage, "rebuild");
    for (const node of [0, 1]) stage.task({ module: "node_ops", node, parent: task });
    stage.manager.takeDown(stage.nodeAt(1));
    return { stage, task };
  };

  it.each([
    ["6.2", false],
    ["seed", false],
    ["2025.1.12", false],
    ["2025.1.13", true],
    ["2025.2", false],
    ["2025.3", false],
    ["2025.4.7", false],
    ["2025.4.8", true],
    ["2026.1.0", false],
    ["2026.1.1", true],
    ["2026.2", true],
    ["latest", true],
  ])("%s: others answer for cluster tasks: %s", async (release, isAnswered) => {
    const { stage, task } = await answers(release);
    const look = () => stage.node.status(task.id);
    if (isAnswered) expect(ids(look().children)).toHaveLength(1);
    else expect(look).toThrow("seastar::rpc::closed_error (connection is closed)");
    stage.clock.advance(10_000);
    expect(ids(look().children)).toHaveLength(1);
  });
});
