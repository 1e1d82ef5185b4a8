import type { FastifyInstance, FastifyRequest } from "fastify";
import type { TaskManager } from "../../domain/task-manager.js";
import { sendTask, sendTasks, sendValue, sendVoid } from "../answers.js";
import type { NodeOf } from "../app.js";
import {
  mandatoryParameter,
  pathParameter,
  pathTaskId,
  queryParameter,
  rawParameter,
  strictBoolean,
  unsigned,
} from "../parameters.js";
import { whileConnected } from "../while-connected.js";
import { writeShortStats, writeStats, writeStatus, writeStreamedStatus } from "../wire.js";

/** Adds the calls of the task manager (rest-api: Calls). */
export function addTaskManagerRoutes(app: FastifyInstance, manager: TaskManager, nodeOf: NodeOf): void {
  const { release } = manager;
  const writeRow = release.statsHaveShardAndTimes ? writeStats : writeShortStats;
  const filterParameter = release.emptyFilter === "empty" ? rawParameter : queryParameter;
  const timeoutParameter = release.emptyTimeout === "empty" ? rawParameter : queryParameter;

  app.get("/task_manager/list_modules", (request, reply) => sendValue(reply, nodeOf(request).moduleNames));

  app.get("/task_manager/list_module_tasks/:module", (request, reply) => {
    const tasks = nodeOf(request).list(pathParameter(request, "module"), {
      internal: strictBoolean(request, "internal", false),
      keyspace: filterParameter(request, "keyspace"),
      table: filterParameter(request, "table"),
    });
    return sendTasks(reply, tasks, writeRow);
  });

  app.get("/task_manager/task_status/:task_id", (request, reply) =>
    sendTask(reply, nodeOf(request).status(pathTaskId(request)), writeStatus),
  );

  app.get("/task_manager/task_status_recursive/:task_id", (request, reply) =>
    sendTasks(reply, nodeOf(request).recursiveStatus(pathTaskId(request)), writeStreamedStatus),
  );

  app.get("/task_manager/wait_task/:task_id", async (request, reply) => {
    // In the server's order: id, timeout, task (rest-api: How parameters are read).
    const id = pathTaskId(request);
    const timeout = timeoutParameter(request, "timeout");
    const timeoutMs = timeout === undefined ? undefined : unsigned(timeout, 500) * 1000;
    const task = await whileConnected(request, (signal) => nodeOf(request).wait(id, { timeoutMs, signal }));
    return sendTask(reply, task, writeStatus);
  });

  app.post("/task_manager/abort_task/:task_id", (request, reply) => {
    nodeOf(request).abort(pathTaskId(request));
    return sendVoid(reply);
  });

  app.get("/task_manager/ttl", (request, reply) => sendValue(reply, nodeOf(request).ttlSeconds));

  app.post("/task_manager/ttl", (request, reply) => {
    const node = nodeOf(request);
    const previousSeconds = node.ttlSeconds;
    node.ttlSeconds = mandatorySeconds(request, "ttl");
    return sendValue(reply, previousSeconds);
  });

  if (release.defaultUserTtlSeconds !== "404") {
    app.get("/task_manager/user_ttl", (request, reply) => sendValue(reply, nodeOf(request).userTtlSeconds));

    app.post("/task_manager/user_ttl", (request, reply) => {
      const node = nodeOf(request);
      const previousSeconds = node.userTtlSeconds;
      node.userTtlSeconds = mandatorySeconds(request, "user_ttl");
      return sendValue(reply, previousSeconds);
    });
  }

  if (release.hasDrain) {
    app.post("/task_manager/drain/:module", (request, reply) => {
      nodeOf(request).module(pathParameter(request, "module")).drain();
      return sendVoid(reply);
    });
  }
}

function mandatorySeconds(request: FastifyRequest, name: string): number {
  return unsigned(mandatoryParameter(request, name), 400);
}
