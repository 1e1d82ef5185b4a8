import type { FastifyInstance } from "fastify";
import { ModuleNotFound, TaskNotFound } from "../../domain/errors.js";
import type { Module } from "../../domain/module.js";
import type { Node } from "../../domain/node.js";
import type { Task } from "../../domain/task.js";
import type { Random } from "../../random.js";
import { sendValue, sendVoid } from "../answers.js";
import type { NodeOf } from "../app.js";
import { HttpError } from "../http-error.js";
import { mandatoryParameter, pathTaskId, queryParameter, strictBoolean, taskId, unsigned } from "../parameters.js";

const TEST_MODULE = "test";

/** Adds the calls with which a test controls tasks on development builds (rest-api: The test-task API). */
export function addTestTaskRoutes(app: FastifyInstance, ids: Random, nodeOf: NodeOf): void {
  app.post("/task_manager_test/test_module", (request, reply) => {
    nodeOf(request).registerModule(TEST_MODULE).countAfresh();
    return sendVoid(reply);
  });

  app.delete("/task_manager_test/test_module", async (request, reply) => {
    const node = nodeOf(request);
    testModule(node);
    await node.unregisterModule(TEST_MODULE);
    return sendVoid(reply);
  });

  app.post("/task_manager_test/test_task", (request, reply) => {
    const node = nodeOf(request);
    const module = testModule(node);
    const givenId = queryParameter(request, "task_id");
    const id = givenId === undefined ? ids.uuid() : taskId(givenId);
    if (node.findKnown(id) !== undefined) throw new HttpError(500, `std::runtime_error (task ${id} exists)`);
    const shard = unsigned(queryParameter(request, "shard") ?? "0", 500);
    if (shard >= node.shards) throw new HttpError(500, `std::runtime_error (there is no shard ${shard})`);
    const task = module.create({
      id,
      type: "test",
      scope: "test",
      shard,
      keyspace: queryParameter(request, "keyspace"),
      table: queryParameter(request, "table"),
      entity: queryParameter(request, "entity"),
      isUserTask: strictBoolean(request, "user_task", false),
      noticesAbortLate: true,
      parent: parentOf(node, queryParameter(request, "parent_id")),
    });
    task.start();
    return sendValue(reply, id);
  });

  app.delete("/task_manager_test/test_task", (request, reply) => {
    const node = nodeOf(request);
    const task = testTask(node, taskId(mandatoryParameter(request, "task_id")));
    task.finish();
    refuseFailed(task);
    testModule(node).unregister(task);
    return sendVoid(reply);
  });

  app.post("/task_manager_test/finish_test_task/:task_id", (request, reply) => {
    const task = testTask(nodeOf(request), pathTaskId(request));
    const error = queryParameter(request, "error");
    if (error === undefined) {
      task.finish();
      refuseFailed(task);
    } else {
      task.fail(`std::runtime_error (${error})`);
    }
    return sendVoid(reply);
  });
}

/** @throws {HttpError} 500 if it is not registered; other calls answer 400 about an unknown module */
function testModule(node: Node): Module {
  try {
    return node.module(TEST_MODULE);
  } catch (error) {
    throw error instanceof ModuleNotFound ? new HttpError(500, error.message) : error;
  }
}

function parentOf(node: Node, text: string | undefined): Task | undefined {
  if (text === undefined) return undefined;
  const id = taskId(text);
  const parent = node.findKnown(id);
  if (parent !== undefined) return parent;
  throw new HttpError(500, `tasks::task_manager::task_not_found (${new TaskNotFound(id).message})`);
}

function testTask(node: Node, id: string): Task {
  const task = testModule(node).find(id);
  if (task === undefined) throw new TaskNotFound(id);
  return task;
}

/** @throws {HttpError} 500 with the error of a task that has failed */
function refuseFailed(task: Task): void {
  if (task.state === "failed") throw new HttpError(500, task.error);
}
