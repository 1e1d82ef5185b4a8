import { describe, expect, test } from "vitest";
import { HttpStatusError, isNotAbortable, notAbortableReason } from "../../src/client/errors.js";
import { isAborted } from "../../src/client/wire.js";

const answered = (status: number, message: string) =>
  new HttpStatusError(
    { method: "POST", origin: "http://n:10000", path: "/task_manager/abort_task/x" },
    status,
    "",
    message,
  );

describe("notAbortableReason", () => {
  test.each<[number, string, string | undefined]>([
    [403, "task with id x cannot be aborted", "never"],
    [500, "std::runtime_error (request 1 for node 2 is already running and cannot be aborted)", "running"],
    [500, "std::runtime_error (cannot abort join request for node 2)", "joining"],
    [500, "std::runtime_error (cannot abort replace request for node 2)", "joining"],
    [500, "std::runtime_error (Don't know how to abort 1)", "not-queued"],
    [500, "seastar::rpc::closed_error (connection is closed)", undefined],
    [400, "task with id x not found", undefined],
    [502, "already running and cannot be aborted", undefined],
  ])("of %i, %s is %s", (status, message, reason) => {
    expect(notAbortableReason(answered(status, message))).toBe(reason);
    expect(isNotAbortable(answered(status, message))).toBe(reason !== undefined);
  });
});

describe("isAborted", () => {
  test.each([
    "seastar::abort_requested_exception (abort requested)",
    "compaction::compaction_stopped_exception (Compaction for ks/t was stopped due to: user requested abort)",
    "sstables::compaction_stopped_exception (Compaction for ks/t was stopped due to: user requested abort)",
    "std::runtime_error (repair[1]: 3 out of 9 ranges failed, keyspace=ks, aborted_by_user=true, failed_because=N/A)",
    'std::runtime_error (["shard 0: std::runtime_error (repair[1]: aborted_by_user=true)"])',
    "aborted on user request",
    "Aborted by user request",
  ])("is true of a task that failed with %s", (error) => {
    expect(isAborted({ state: "failed", error })).toBe(true);
    expect(isAborted({ state: "done", error })).toBe(false);
  });

  test("is true of a tablet repair that failed without an error", () => {
    expect(isAborted({ state: "failed", type: "", error: "", progress_units: "tablets" })).toBe(true);
    expect(isAborted({ state: "failed", type: "repair", error: "", progress_units: "ranges" })).toBe(false);
  });

  test.each(["std::runtime_error (boom)", "std::runtime_error (repair[1]: 3 out of 9 failed, aborted_by_user=false)"])(
    "is false of a task that failed with %s",
    (error) => expect(isAborted({ state: "failed", error })).toBe(false),
  );
});
