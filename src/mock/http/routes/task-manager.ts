import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { requestAbort } from "../../domain/abort.js";
import type { TaskManager } from "../../domain/task-manager.js";
import { waitUntilFinished } from "../../domain/waiting.js";
import { sendTask, sendTasks, sendValue, sendVoid } from "../answers.js";
import type { NodeOf } from "../app.js";
import {
  booleanParameter,
  mandatoryParameter,
  pathParameter,
  pathTaskId,
  queryParameter,
  secondsParameter,
} from "../parameters.js";
import { writeShortStats, writeStats, writeStatus } from "../wire.js";

/** The calls of the task manager itself (rest-api: Calls). */
export function addTaskManagerRoutes(app: FastifyInstance, manager: TaskManager, nodeOf: NodeOf): void {
  const { clock, release } = manager;
  const writeRow = release.statsHaveShardAndTimes ? writeStats : writeShortStats;

  app.get("/task_manager/list_modules", (request, reply) => sendValue(reply, nodeOf(request).moduleNames));

  app.get("/task_manager/list_module_tasks/:module", (request, reply) => {
    const tasks = nodeOf(request).list(pathParameter(request, "module"), {
      internal: booleanParameter(request, "internal", false),
      keyspace: queryParameter(request, "keyspace") ?? "",
      table: queryParameter(request, "table") ?? "",
    });
    return sendTasks(reply, tasks, writeRow);
  });

  app.get("/task_manager/task_status/:task_id", (request, reply) =>
    sendTask(reply, nodeOf(request).look(pathTaskId(request)), writeStatus),
  );

  app.get("/task_manager/task_status_recursive/:task_id", (request, reply) =>
    sendTasks(reply, nodeOf(request).lookAtTree(pathTaskId(request)), writeStatus),
  );

  app.get("/task_manager/wait_task/:task_id", async (request, reply) => {
    const task = nodeOf(request).find(pathTaskId(request));
    const timeoutSeconds = secondsParameter(request, "timeout");
    const departure = departureOf(request.raw);
    try {
      const timeoutMs = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000;
      await waitUntilFinished(task, clock, { timeoutMs, signal: departure.signal });
    } finally {
      departure.ignore();
    }
    return sendTask(reply, task, writeStatus);
  });

  app.post("/task_manager/abort_task/:task_id", (request, reply) => {
    requestAbort(nodeOf(request).find(pathTaskId(request)), clock);
    return sendVoid(reply);
  });

  app.get("/task_manager/ttl", (request, reply) => sendValue(reply, nodeOf(request).ttlSeconds));

  app.post("/task_manager/ttl", (request, reply) => {
    const node = nodeOf(request);
    const previousSeconds = node.ttlSeconds;
    mandatoryParameter(request, "ttl");
    node.ttlSeconds = secondsParameter(request, "ttl") ?? previousSeconds;
    return sendValue(reply, previousSeconds);
  });

  if (release.defaultUserTtlSeconds !== "404") {
    app.get("/task_manager/user_ttl", (request, reply) => sendValue(reply, nodeOf(request).userTtlSeconds));

    app.post("/task_manager/user_ttl", (request, reply) => {
      const node = nodeOf(request);
      const previousSeconds = node.userTtlSeconds;
      mandatoryParameter(request, "user_ttl");
      node.userTtlSeconds = secondsParameter(request, "user_ttl") ?? previousSeconds;
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

/**
 * Tells when the client has gone before it was answered. The connection does, not the answer: where a client sends requests ahead,
 * an answer that waits for its turn never closes.
 */
function departureOf({ socket }: IncomingMessage): { signal: AbortSignal; ignore: () => void } {
  const departure = new AbortController();
  const leave = () => departure.abort();
  if (socket.destroyed) leave();
  // As many as the client sends ahead.
  socket.setMaxListeners(0).once("close", leave);
  return { signal: departure.signal, ignore: () => socket.off("close", leave) };
}
