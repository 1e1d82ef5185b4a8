import { describe, expect, test } from "vitest";
import {
  ClientClosedError,
  type ErrorBody,
  HttpStatusError,
  isNotAbortable,
  isRefusal,
  isTaskManagerError,
  isWaitTimeout,
  notAbortableReason,
  RequestAbortedError,
  RequestTimeoutError,
  type TaskManagerError,
  UnreachableError,
  UnreadableAnswerError,
} from "../../src/client/errors.js";
import { isAborted } from "../../src/client/wire.js";

const answered = (status: number, message: string, body?: ErrorBody) =>
  new HttpStatusError(
    { method: "POST", origin: "http://n:10000", path: "/task_manager/abort_task/x" },
    status,
    "",
    message,
    body,
  );

describe("the client's errors", () => {
  const request = { method: "GET", origin: "http://n:10000", path: "/task_manager/ttl" };

  test.each<[() => TaskManagerError, string, string]>([
    [
      () => new UnreachableError(request, "refused", "ECONNREFUSED", false),
      "unreachable",
      "cannot reach http://n:10000 (GET /task_manager/ttl): refused",
    ],
    [
      () => new HttpStatusError(request, 403, "Forbidden", "go away"),
      "http-status",
      "GET /task_manager/ttl on http://n:10000 answered 403 Forbidden: go away",
    ],
    [
      () => new HttpStatusError(request, 599, "", ""),
      "http-status",
      "GET /task_manager/ttl on http://n:10000 answered 599",
    ],
    [
      () => new UnreadableAnswerError(request, "no JSON"),
      "unreadable",
      "unreadable answer to GET /task_manager/ttl from http://n:10000: no JSON",
    ],
    [
      () => new RequestTimeoutError(request, 1500),
      "timeout",
      "no answer from http://n:10000 within 1.5 s (GET /task_manager/ttl): it may be overloaded or behind a firewall",
    ],
    [
      () => new RequestTimeoutError(request, 1500, true),
      "timeout",
      "the answer from http://n:10000 did not end within 1.5 s (GET /task_manager/ttl)",
    ],
    [() => new RequestAbortedError(request, "enough"), "aborted", "GET /task_manager/ttl was aborted"],
    [() => new ClientClosedError(request), "closed", "the client of http://n:10000 is closed (GET /task_manager/ttl)"],
  ])("%#: each has its words", (make, kind, message) => {
    const error = make();
    expect(error.kind).toBe(kind);
    expect(error.message).toBe(message);
    expect(error.name).toBe(error.constructor.name);
    expect(isTaskManagerError(error)).toBe(true);
  });

  test("are recognised among others", () => {
    expect(isTaskManagerError(new Error("unreachable"))).toBe(false);
    expect(isTaskManagerError({ kind: "unreachable" })).toBe(false);
  });

  test.each([
    [true, "CERT_HAS_EXPIRED"],
    [true, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    [true, "SELF_SIGNED_CERT_IN_CHAIN"],
    [true, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    [true, "ERR_TLS_CERT_ALTNAME_INVALID"],
    [true, "ERR_SSL_WRONG_VERSION_NUMBER"],
    [true, "EPROTO"],
    [false, "EPROTONOSUPPORT"],
    [false, "ECONNRESET"],
    [false, ""],
  ])("isPermanent is %s of %j", (isPermanent, code) => {
    expect(new UnreachableError(request, "no", code, false).isPermanent).toBe(isPermanent);
  });
});

describe("isRefusal", () => {
  test.each<[boolean, number, string, ErrorBody?]>([
    [true, 400, "task with id 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f not found"],
    [true, 400, "tasks::task_manager::task_not_found (task with id x not found)"],
    [true, 400, "std::runtime_error (module a module not found)"],
    [true, 400, "unknown repair id 7"],
    [false, 404, "task with id x not found"],
    [false, 500, "std::runtime_error (module x not found)"],
    [false, 400, ""],
    [false, 400, "not found"],
    [false, 400, "Missing mandatory parameter 'ttl'"],
    [false, 400, "Can't find a keyspace shop"],
    [false, 400, "task with id x not found", "json"],
    [false, 400, "task with id x not found", "foreign"],
  ])("is %s of %i %s (%s)", (expected, status, message, body) => {
    expect(isRefusal(answered(status, message, body))).toBe(expected);
  });

  test("is false for other errors", () => expect(isRefusal(new Error("task with id x not found"))).toBe(false));
});

describe("isWaitTimeout", () => {
  test.each<[boolean, number, ErrorBody]>([
    [true, 408, "scylla"],
    [true, 408, "json"],
    [false, 408, "foreign"],
    [false, 504, "scylla"],
  ])("is %s of %i (%s)", (expected, status, body) => {
    expect(isWaitTimeout(answered(status, "timedout", body))).toBe(expected);
  });
});

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

test("other errors do not say whether a task can be aborted", () => {
  const error = Object.assign(new Error("no"), { status: 403, serverMessage: "no" });
  expect(notAbortableReason(error)).toBeUndefined();
  expect(isNotAbortable(undefined)).toBe(false);
});

test("a proxy's 403 does not say whether a task can be aborted", () => {
  expect(notAbortableReason(answered(403, "Forbidden", "foreign"))).toBeUndefined();
  expect(notAbortableReason(answered(403, "[]", "json"))).toBe("never");
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

  test("is true for a tablet repair that failed without an error", () => {
    expect(isAborted({ state: "failed", type: "", error: "", progress_units: "tablets" })).toBe(true);
    expect(isAborted({ state: "failed", type: "repair", error: "", progress_units: "ranges" })).toBe(false);
  });

  test.each(["std::runtime_error (boom)", "std::runtime_error (repair[1]: 3 out of 9 failed, aborted_by_user=false)"])(
    "is false of a task that failed with %s",
    (error) => expect(isAborted({ state: "failed", error })).toBe(false),
  );
});
