import { expect, it } from "vitest";
import {
  ModuleNotFound,
  NodeUnreachable,
  ServerFault,
  TaskNotAbortable,
  TaskNotFound,
  WaitTimedOut,
} from "../../../src/mock/domain/errors.js";

it("errors have the names of their classes, and the server's texts", () => {
  const errors = [
    new TaskNotFound("a"),
    new TaskNotAbortable("a"),
    new ModuleNotFound("m"),
    new WaitTimedOut(),
    new ServerFault("broken"),
    new NodeUnreachable(),
  ];
  expect(errors.map(String)).toEqual([
    "TaskNotFound: task with id a not found",
    "TaskNotAbortable: task with id a cannot be aborted",
    "ModuleNotFound: std::runtime_error (module m not found)",
    "WaitTimedOut: timedout",
    "ServerFault: broken",
    "NodeUnreachable: seastar::rpc::closed_error (connection is closed)",
  ]);
});
