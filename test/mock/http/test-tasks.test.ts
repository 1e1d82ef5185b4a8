import { expect, it } from "vitest";
import { ask, serve, valueFrom } from "./served.js";

const MODULE = "/task_manager_test/test_module";
const TASK = "/task_manager_test/test_task";
const FINISH = "/task_manager_test/finish_test_task";
const STATUS = "GET /task_manager/task_status";

async function serveTestModule(options: { generation?: "seed" | "current" } = {}) {
  const cluster = await serve({ testApi: true, generation: "current", ...options });
  await ask(cluster, `POST ${MODULE}`);
  return cluster;
}

it("registers and unregisters the test module", async () => {
  const cluster = await serve({ testApi: true });
  expect(await ask(cluster, `POST ${MODULE}`)).toMatchObject({ status: 200, text: "" });
  expect(await valueFrom(cluster, "GET /task_manager/list_modules")).toContain("test");
  await ask(cluster, `DELETE ${MODULE}`);
  expect(await valueFrom(cluster, "GET /task_manager/list_modules")).not.toContain("test");
  expect(await ask(cluster, `POST ${TASK}`)).toMatchObject({ status: 400 });
});

it("counts afresh when the test module is registered again", async () => {
  const cluster = await serveTestModule();
  const numberOfNext = async () => {
    const id = await valueFrom<string>(cluster, `POST ${TASK}?shard=1`);
    return (await valueFrom<{ sequence_number: number }>(cluster, `${STATUS}/${id}`)).sequence_number;
  };
  expect([await numberOfNext(), await numberOfNext()]).toEqual([1, 2]);
  await ask(cluster, `POST ${MODULE}`);
  expect(await numberOfNext()).toBe(1);
});

it("starts a task that runs until it is told to finish", async () => {
  const cluster = await serveTestModule();
  const id = await valueFrom<string>(cluster, `POST ${TASK}?keyspace=ks&table=t&entity=e&shard=1&user_task=true`);
  expect(await valueFrom(cluster, `${STATUS}/${id}`)).toMatchObject({
    id,
    type: "test",
    scope: "test",
    state: "running",
    keyspace: "ks",
    table: "t",
    entity: "e",
    shard: 1,
    sequence_number: 1,
    is_abortable: false,
  });
  expect(await ask(cluster, `POST ${FINISH}/${id}`)).toMatchObject({ status: 200, text: "" });
  expect(await ask(cluster, `POST ${FINISH}/${id}?error=late`)).toMatchObject({ status: 200 });
  expect(await valueFrom(cluster, `${STATUS}/${id}`)).toMatchObject({ state: "done", error: "" });
});

it("makes it fail where an error is given", async () => {
  const cluster = await serveTestModule();
  const id = await valueFrom<string>(cluster, `POST ${TASK}?user_task=True`);
  await ask(cluster, `POST ${FINISH}/${id}?error=Test+task%20failed`);
  expect(await valueFrom(cluster, `${STATUS}/${id}`)).toMatchObject({ state: "failed", error: "Test task failed" });
});

it("takes the id and the parent that it is given", async () => {
  const cluster = await serveTestModule();
  const id = "AAAAAAAA-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
  await ask(cluster, `POST ${TASK}?task_id=${id}&shard=0`);
  const child = await valueFrom<string>(cluster, `POST ${TASK}?parent_id=${id}&shard=1`);
  expect(await valueFrom(cluster, `${STATUS}/${child}`)).toMatchObject({
    parent_id: id.toLowerCase(),
    sequence_number: 1,
  });
  expect(await ask(cluster, `POST ${TASK}?task_id=${id}`)).toMatchObject({ status: 500 });
  expect(await ask(cluster, `POST ${TASK}?shard=2`)).toMatchObject({ status: 500 });
});

it.each(["node", "cluster"] as const)("refuses the id of a %s task of another module", async (kind) => {
  const cluster = await serveTestModule();
  const { id } = cluster.create({ module: "repair", type: "repair", scope: "keyspace", kind });
  expect(await ask(cluster, `POST ${TASK}?task_id=${id}`)).toMatchObject({ status: 500 });
});

it("finishes and unregisters a task", async () => {
  const cluster = await serveTestModule();
  const id = await valueFrom<string>(cluster, `POST ${TASK}?user_task=1`);
  expect(await ask(cluster, `DELETE ${TASK}?task_id=${id}`)).toMatchObject({ status: 200, text: "" });
  expect(await ask(cluster, `${STATUS}/${id}`)).toMatchObject({ status: 400 });
  expect(await ask(cluster, `DELETE ${TASK}?task_id=${id}`)).toMatchObject({ status: 400 });
  expect(await ask(cluster, `DELETE ${TASK}`)).toMatchObject({ status: 400 });
});
