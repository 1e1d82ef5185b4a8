/** No task with this id is registered. */
export class TaskNotFound extends Error {
  override readonly name = "TaskNotFound";

  constructor(readonly taskId: string) {
    super(`task with id ${taskId} not found`);
  }
}

/** The task is not abortable (semantics 17). */
export class TaskNotAbortable extends Error {
  override readonly name = "TaskNotAbortable";

  constructor(readonly taskId: string) {
    super(`task with id ${taskId} cannot be aborted`);
  }
}

/** The node has no module of this name. */
export class ModuleNotFound extends Error {
  override readonly name = "ModuleNotFound";

  constructor(readonly moduleName: string) {
    super(`std::runtime_error (module ${moduleName} not found)`);
  }
}

/** The task did not finish before the timeout of the wait. */
export class WaitTimedOut extends Error {
  override readonly name = "WaitTimedOut";

  constructor() {
    super("timedout");
  }
}

/** An exception inside the server, which it answers with 500. */
export class ServerFault extends Error {
  override readonly name = "ServerFault";
}

/** Another node, which this one has to ask, does not answer (semantics 23). */
export class NodeUnreachable extends Error {
  override readonly name = "NodeUnreachable";

  constructor() {
    super("seastar::rpc::closed_error (connection is closed)");
  }
}
