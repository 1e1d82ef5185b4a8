import type { FastifyInstance } from "fastify";
import type { Node } from "../../domain/node.js";
import type { Random } from "../../random.js";
import { sendValue, sendVoid } from "../answers.js";
import type { NodeOf } from "../app.js";
import {
  booleanParameter,
  mandatoryParameter,
  pathTaskId,
  queryParameter,
  secondsParameter,
  taskId,
} from "../parameters.js";
import { Refusal } from "../refusal.js";

const TEST_MODULE = "test";

/** The calls by which a test drives tasks by hand, as in builds that are not for release (rest-api: The test-task API). */
export function addTestTaskRoutes(app: FastifyInstance, ids: Random, nodeOf: NodeOf): void {
  app.post("/task_manager_test/test_module", (request, reply) => {
    nodeOf(request).registerModule(TEST_MODULE).countAfresh();
    return sendVoid(reply);
  });

  app.delete("/task_manager_test/test_module", (request, reply) => {
    nodeOf(request).unregisterModule(TEST_MODULE);
    return sendVoid(reply);
  });

  app.post("/task_manager_test/test_task", (request, reply) => {
    const node = nodeOf(request);
    const module = node.module(TEST_MODULE);
    const givenId = queryParameter(request, "task_id");
    const id = givenId === undefined ? ids.uuid() : taskId(givenId);
    if (node.findKnown(id) !== undefined) throw new Refusal(500, `task with id ${id} already exists`);
    const shard = secondsParameter(request, "shard") ?? 0;
    if (shard >= node.shards) throw new Refusal(500, `there is no shard ${shard}`);
    const parentId = queryParameter(request, "parent_id");
    const task = module.create({
      id,
      type: "test",
      scope: "test",
      shard,
      keyspace: queryParameter(request, "keyspace"),
      table: queryParameter(request, "table"),
      entity: queryParameter(request, "entity"),
      isUserTask: booleanParameter(request, "user_task", false),
      parent: parentId === undefined ? undefined : node.find(taskId(parentId)),
    });
    task.start();
    return sendValue(reply, id);
  });

  app.delete("/task_manager_test/test_task", (request, reply) => {
    const node = nodeOf(request);
    const task = findTestTask(node, taskId(mandatoryParameter(request, "task_id")));
    task.finish();
    node.module(TEST_MODULE).unregister(task);
    return sendVoid(reply);
  });

  app.post("/task_manager_test/finish_test_task/:task_id", (request, reply) => {
    const task = findTestTask(nodeOf(request), pathTaskId(request));
    const error = queryParameter(request, "error");
    if (error === undefined) task.finish();
    else task.fail(error);
    return sendVoid(reply);
  });
}

function findTestTask(node: Node, id: string) {
  const task = node.find(id);
  if (node.module(TEST_MODULE).find(id) !== task) throw new Refusal(400, `task with id ${id} is not a test task`);
  return task;
}
