/** No task of this id is registered: it never was, or is no more. */
export class TaskNotFound extends Error {
  override readonly name = "TaskNotFound";

  constructor(readonly taskId: string) {
    super(`task with id ${taskId} not found`);
  }
}

/** The task cannot be aborted through the API. */
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

/** The task did not finish in the time for which the caller would wait. */
export class WaitTimedOut extends Error {
  override readonly name = "WaitTimedOut";

  constructor() {
    super("timedout");
  }
}

/** The server would have to do what it cannot do now. */
export class ServerFault extends Error {
  override readonly name = "ServerFault";
}

/** A node that would have to be asked does not answer. */
export class NodeUnreachable extends Error {
  override readonly name = "NodeUnreachable";

  constructor() {
    super("seastar::rpc::closed_error (connection is closed)");
  }
}
