import { expect, it } from "vitest";
import { ask, serve, valueFrom } from "./served.js";

const MODULE = "/task_manager_test/test_module";
const TASK = "/task_manager_test/test_task";
const FINISH = "/task_manager_test/finish_test_task";
const UNKNOWN = "99999999-9999-4999-8999-999999999999";
const STATUS = "GET /task_manager/task_status";

async function serveTestModule(options: { release?: string } = {}) {
  const cluster = await serve({ testApi: true, ...options });
  await ask(cluster, `POST ${MODULE}`);
  return cluster;
}

it("registers and unregisters the test module", async () => {
  const cluster = await serve({ testApi: true });
  expect(await ask(cluster, `POST ${MODULE}`)).toMatchObject({ status: 200, text: "" });
  expect(await valueFrom(cluster, "GET /task_manager/list_modules")).toContain("test");
  await ask(cluster, `DELETE ${MODULE}`);
  expect(await valueFrom(cluster, "GET /task_manager/list_modules")).not.toContain("test");
  const noModule = '{"message": "std::runtime_error (module test not found)", "code": 500}';
  for (const request of [`POST ${TASK}`, `DELETE ${MODULE}`, `POST ${FINISH}/${UNKNOWN}`]) {
    expect(await ask(cluster, request)).toMatchObject({ status: 500, text: noModule });
  }
});

it("unregisters a task that ends while the module waits for others, in any order", async () => {
  const cluster = await serveTestModule();
  const [first, second, third] = [
    await valueFrom<string>(cluster, `POST ${TASK}?user_task=true`),
    await valueFrom<string>(cluster, `POST ${TASK}?user_task=true`),
    await valueFrom<string>(cluster, `POST ${TASK}?user_task=true`),
  ];
  const gone = ask(cluster, `DELETE ${MODULE}`);
  for (const id of [second, first]) {
    await ask(cluster, `POST ${FINISH}/${id}`);
    expect((await ask(cluster, `${STATUS}/${id}`)).status).toBe(400);
  }
  expect((await ask(cluster, `${STATUS}/${third}`)).status).toBe(200);
  await ask(cluster, `POST ${FINISH}/${third}`);
  expect((await gone).status).toBe(200);
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
  expect(await valueFrom(cluster, `${STATUS}/${id}`)).toMatchObject({
    state: "failed",
    error: "std::runtime_error (Test task failed)",
  });
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

it("does not forget a task that failed: who finishes or deletes it gets its error", async () => {
  const cluster = await serveTestModule();
  const id = await valueFrom<string>(cluster, `POST ${TASK}?user_task=true`);
  const failed = { status: 500, text: '{"message": "std::runtime_error (boom)", "code": 500}' };
  expect(await ask(cluster, `POST ${FINISH}/${id}?error=boom`)).toMatchObject({ status: 200, text: "" });
  expect(await ask(cluster, `POST ${FINISH}/${id}?error=late`)).toMatchObject({ status: 200, text: "" });
  expect(await ask(cluster, `POST ${FINISH}/${id}`)).toMatchObject(failed);
  expect(await ask(cluster, `DELETE ${TASK}?task_id=${id}`)).toMatchObject(failed);
  expect(await valueFrom(cluster, `${STATUS}/${id}`)).toMatchObject({ error: "std::runtime_error (boom)" });
});

it.each([
  [`POST ${FINISH}/${UNKNOWN}`, 400, `task with id ${UNKNOWN} not found`],
  [`DELETE ${TASK}?task_id=${UNKNOWN}`, 400, `task with id ${UNKNOWN} not found`],
  [`POST ${TASK}?parent_id=${UNKNOWN}`, 500, `tasks::task_manager::task_not_found (task with id ${UNKNOWN} not found)`],
  [
    `POST ${TASK}?shard=first`,
    500,
    "boost::wrapexcept<boost::bad_lexical_cast> (bad lexical cast: source type value could not be interpreted as target)",
  ],
])("answers %s with %i", async (request, code, message) => {
  const cluster = await serveTestModule();
  expect(await ask(cluster, request)).toMatchObject({
    status: code,
    text: `{"message": "${message}", "code": ${code}}`,
  });
});

it("waits with the end of the module for the end of its tasks", async () => {
  const cluster = await serveTestModule();
  const ids = await Promise.all([1, 2, 3].map(() => valueFrom<string>(cluster, `POST ${TASK}?user_task=true`)));
  await ask(cluster, `POST ${FINISH}/${ids[0]}`);
  let isGone = false;
  const gone = ask(cluster, `DELETE ${MODULE}`).then((answer) => {
    isGone = true;
    return answer;
  });
  // Finished tasks are unregistered at once.
  while ((await ask(cluster, `${STATUS}/${ids[0]}`)).status === 200)
    await new Promise((resolve) => setImmediate(resolve));
  await ask(cluster, `POST ${FINISH}/${ids[1]}`);
  expect((await ask(cluster, `${STATUS}/${ids[2]}`)).status).toBe(200);
  expect(isGone).toBe(false);
  await ask(cluster, `POST ${FINISH}/${ids[2]}`);
  expect(await gone).toMatchObject({ status: 200, text: "" });
  expect(await valueFrom(cluster, "GET /task_manager/list_modules")).not.toContain("test");
});

it("counts its tasks on each shard", async () => {
  const cluster = await serveTestModule();
  const numbers: unknown[] = [];
  for (const shard of [0, 0, 1]) {
    const id = await valueFrom<string>(cluster, `POST ${TASK}?shard=${shard}`);
    numbers.push((await valueFrom<{ sequence_number: number }>(cluster, `${STATUS}/${id}`)).sequence_number);
  }
  expect(numbers).toEqual([1, 2, 1]);
});
