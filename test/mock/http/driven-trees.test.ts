import { describe, expect, it } from "vitest";
import { ManualClock, type MockCluster } from "../../../src/mock/index.js";
import { ask, serve, valueFrom } from "./served.js";

const TASK = "/task_manager_test/test_task";

/** Trees that are controlled over HTTP, only with the test-task API, as by a test suite for real servers. */
class Driven {
  constructor(readonly cluster: MockCluster) {}

  start(query = ""): Promise<string> {
    return valueFrom<string>(this.cluster, `POST ${TASK}?keyspace=ks&table=t&${query}`);
  }

  /** A tree with two children of each task; the ids by their position: `r`, `r0`, `r01`. */
  async tree(height: number, query = ""): Promise<Map<string, string>> {
    const ids = new Map([["r", await this.start(query)]]);
    for (const [place, id] of ids) {
      if (place.length === height) continue;
      for (const index of [0, 1]) ids.set(`${place}${index}`, await this.start(`parent_id=${id}&shard=${index}`));
    }
    return ids;
  }

  async finish(id: string, error?: string): Promise<number> {
    const query = error === undefined ? "" : `?error=${error}`;
    return (await ask(this.cluster, `POST /task_manager_test/finish_test_task/${id}${query}`)).status;
  }

  async code(request: string): Promise<number> {
    return (await ask(this.cluster, request)).status;
  }

  status(id: string) {
    return valueFrom<Record<string, unknown>>(this.cluster, `GET /task_manager/task_status/${id}`);
  }

  recursive(id: string) {
    return valueFrom<Record<string, unknown>[]>(this.cluster, `GET /task_manager/task_status_recursive/${id}`);
  }

  async listed(query = ""): Promise<unknown[]> {
    const rows = await valueFrom<{ task_id: string }[]>(
      this.cluster,
      `GET /task_manager/list_module_tasks/test${query}`,
    );
    return rows.map(({ task_id }) => task_id);
  }
}

async function driven(release = "latest", clock?: ManualClock): Promise<Driven> {
  const cluster = await serve({ testApi: true, release, clock });
  await ask(cluster, "POST /task_manager_test/test_module");
  return new Driven(cluster);
}

describe.each(["seed", "2025.1", "latest"])("a tree driven on %s", (release) => {
  it.each<[string, Record<string, string>, string[]]>([
    ["all done", {}, ["r", "r0", "r1"]],
    ["one leaf failed", { r010: "boom" }, ["r", "r0", "r1", "r01", "r010"]],
    ["one inner task failed", { r01: "boom" }, ["r", "r0", "r1", "r01"]],
  ])("%s: shows of a finished root what folding leaves", async (_name, errors, shown) => {
    const on = await driven(release);
    const ids = await on.tree(4, "user_task=true");
    for (const [place, id] of [...ids].reverse()) expect(await on.finish(id, errors[place])).toBe(200);
    const placeOf = new Map([...ids].map(([place, id]) => [id, place]));
    const rows = await on.recursive(ids.get("r") ?? "");
    expect(rows.map(({ id }) => placeOf.get(String(id))).sort()).toEqual([...shown].sort());
    // Breadth first, and each below its parent.
    const depths = rows.map(({ id }) => placeOf.get(String(id))?.length ?? 0);
    expect(depths).toEqual([...depths].sort());
    for (const { id, state, error, parent_id, sequence_number } of rows) {
      const place = placeOf.get(String(id)) ?? "";
      expect({ state, error }).toEqual(
        errors[place] === undefined
          ? { state: "done", error: "" }
          : { state: "failed", error: `std::runtime_error (${errors[place]})` },
      );
      expect(parent_id).toBe(place === "r" ? "none" : ids.get(place.slice(0, -1)));
      expect(sequence_number).toBe(1);
    }
    expect(await on.code(`GET /task_manager/task_status/${ids.get("r0")}`)).toBe(400);
  });

  it("names unfinished children before finished ones, level by level", async () => {
    const on = await driven(release);
    const ids = await on.tree(3);
    const id = (place: string) => ids.get(place) ?? "";
    await on.finish(id("r10"));
    await on.finish(id("r00"));
    await on.finish(id("r01"));
    await on.finish(id("r0"));
    const rows = await on.recursive(id("r"));
    expect(rows.map((row) => row.id)).toEqual([id("r"), id("r1"), id("r0"), id("r11"), id("r10")]);
    expect(rows[0]?.children_ids).toEqual([
      { task_id: id("r1"), node: "127.0.0.1" },
      { task_id: id("r0"), node: "127.0.0.1" },
    ]);
    expect(rows[2]).not.toHaveProperty("children_ids");
  });

  it("keeps a child that ends before its own child attached as it is, and unregisters it (semantics 10)", async () => {
    const on = await driven(release);
    const ids = await on.tree(3, "user_task=true");
    const id = (place: string) => ids.get(place) ?? "";
    await on.finish(id("r0"));
    expect(await on.code(`GET /task_manager/task_status/${id("r0")}`)).toBe(400);
    expect(await on.code(`GET /task_manager/task_status/${id("r00")}`)).toBe(200);
    await on.finish(id("r00"));
    await on.finish(id("r01"));
    const rows = (await on.recursive(id("r"))).map((row) => row.id);
    expect(rows).toEqual(expect.arrayContaining([id("r0"), id("r00"), id("r01")]));
  });

  it("answers waits that began before it was unregistered, also with a ttl of 0", async () => {
    const on = await driven(release);
    const id = await on.start();
    const waits = [1, 2, 3].map(() => on.cluster && ask(on.cluster, `GET /task_manager/wait_task/${id}`));
    while (on.cluster.requests.filter(({ url }) => url.includes("wait_task")).length < 3) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await on.finish(id, "boom");
    for (const { status, text } of await Promise.all(waits)) {
      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({ id, state: "failed", error: "std::runtime_error (boom)" });
    }
    expect(await on.code(`GET /task_manager/task_status/${id}`)).toBe(400);
    expect(await on.code(`GET /task_manager/wait_task/${id}`)).toBe(400);
  });

  it("lists by keyspace, table and internal", async () => {
    const on = await driven(release);
    const root = await on.start();
    const child = await on.start(`parent_id=${root}`);
    const other = await valueFrom<string>(on.cluster, `POST ${TASK}?keyspace=ks&table=other`);
    expect(await on.listed()).toEqual([root, other]);
    expect(await on.listed("?internal=True")).toEqual([root, child, other]);
    expect(await on.listed("?internal=0")).toEqual([root, other]);
    expect(await on.listed("?keyspace=ks&table=t&internal=1")).toEqual([root, child]);
    expect(await on.listed("?keyspace=KS")).toEqual([]);
    expect(await on.code("GET /task_manager/list_module_tasks/test?internal=yes")).toBe(400);
  });

  it("counts each shard by itself, and children by their root", async () => {
    const on = await driven(release);
    const numberOf = async (query: string) => (await on.status(await on.start(query))).sequence_number;
    expect([await numberOf("shard=0"), await numberOf("shard=0"), await numberOf("shard=1")]).toEqual([1, 2, 1]);
    const root = await on.start("shard=0");
    expect(await numberOf(`shard=1&parent_id=${root}`)).toBe(3);
    expect(await numberOf("shard=1")).toBe(2);
  });

  it("is not abortable, and no abort changes it", async () => {
    const on = await driven(release);
    const id = await on.start();
    expect(await ask(on.cluster, `POST /task_manager/abort_task/${id}`)).toMatchObject({
      status: 403,
      text: `{"message": "task with id ${id} cannot be aborted", "code": 403}`,
    });
    expect(await on.status(id)).toMatchObject({ state: "running", is_abortable: false });
    expect(await on.finish(id)).toBe(200);
  });

  it("is kept for the ttl that was in force when it ended", async () => {
    const on = await driven(release);
    await valueFrom(on.cluster, "POST /task_manager/ttl?ttl=-1");
    expect(await valueFrom(on.cluster, "GET /task_manager/ttl")).toBe(2 ** 32 - 1);
    const id = await on.start();
    await on.finish(id);
    expect(await valueFrom(on.cluster, "POST /task_manager/ttl?ttl=0")).toBe(2 ** 32 - 1);
    expect(await on.listed()).toEqual([id]);
    const next = await on.start();
    await on.finish(next);
    expect(await on.listed()).toEqual([id]);
  });
});

it("drain unregisters finished tasks, and leaves running ones with their children", async () => {
  const on = await driven();
  await valueFrom(on.cluster, "POST /task_manager/ttl?ttl=3600");
  const [done, failed, running] = [await on.start(), await on.start("user_task=true"), await on.start()];
  const child = await on.start(`parent_id=${running}`);
  await on.finish(done);
  await on.finish(failed, "boom");
  expect(await ask(on.cluster, "POST /task_manager/drain/test")).toMatchObject({ status: 200, text: "" });
  expect(await on.listed("?internal=true")).toEqual([running, child]);
  expect(await ask(on.cluster, "POST /task_manager/drain/none")).toMatchObject({
    status: 400,
    text: '{"message": "std::runtime_error (module none not found)", "code": 400}',
  });
});

it("takes no notice of an abort of its parent until it is finished, and so a child that comes later", async () => {
  // The clock does not move, so the parent does not stop meanwhile.
  const on = await driven("latest", new ManualClock());
  await valueFrom(on.cluster, "POST /task_manager/user_ttl?user_ttl=3600");
  const parent = on.cluster.create({
    module: "repair",
    type: "repair",
    scope: "keyspace",
    isAbortable: true,
    isUserTask: true,
  });
  const early = await on.start(`parent_id=${parent.id}`);
  expect(await on.code(`POST /task_manager/abort_task/${parent.id}`)).toBe(200);
  const late = await on.start(`parent_id=${parent.id}`);
  for (const id of [early, late]) expect(await on.status(id)).toMatchObject({ state: "running" });
  for (const id of [early, late]) {
    expect(await ask(on.cluster, `POST /task_manager_test/finish_test_task/${id}`)).toMatchObject({
      status: 500,
      text: '{"message": "seastar::abort_requested_exception (abort requested)", "code": 500}',
    });
  }
  const rows = await on.recursive(parent.id);
  expect(rows.slice(1).map(({ state, error }) => `${state}: ${error}`)).toEqual([
    "failed: seastar::abort_requested_exception (abort requested)",
    "failed: seastar::abort_requested_exception (abort requested)",
  ]);
});

describe("checks", () => {
  it.each([
    [
      "GET /task_manager/wait_task/abc?timeout=x",
      500,
      "marshal_exception (marshaling error: UUID string size mismatch: 'abc')",
    ],
    [
      `GET /task_manager/task_status/${"g".repeat(32)}`,
      500,
      `marshal_exception (marshaling error: invalid UUID: '${"g".repeat(32)}')`,
    ],
    [
      `GET /task_manager/wait_task/${"0".repeat(32)}?timeout=x`,
      500,
      "boost::wrapexcept<boost::bad_lexical_cast> (bad lexical cast: source type value could not be interpreted as target)",
    ],
    [
      `GET /task_manager/wait_task/${"0".repeat(32)}?timeout=1`,
      400,
      "task with id 00000000-0000-0000-0000-000000000000 not found",
    ],
    [`GET /task_manager/wait_task/${"0".repeat(32)}?timeout=0`, 408, "timedout"],
    [
      `GET /task_manager/task_status/${"A".repeat(32)}`,
      400,
      "task with id aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa not found",
    ],
    [
      "GET /task_manager/task_status/a+b%20c",
      500,
      "marshal_exception (marshaling error: UUID string size mismatch: 'a+b c')",
    ],
    ["POST /task_manager/ttl", 400, "Missing mandatory parameter 'ttl'"],
    [
      "POST /task_manager/ttl?ttl=+5",
      400,
      "boost::wrapexcept<boost::bad_lexical_cast> (bad lexical cast: source type value could not be interpreted as target)",
    ],
    [
      "POST /task_manager/ttl?ttl=4294967296",
      400,
      "boost::wrapexcept<boost::bad_lexical_cast> (bad lexical cast: source type value could not be interpreted as target)",
    ],
    [
      "POST /task_manager/ttl?ttl=1.5",
      400,
      "boost::wrapexcept<boost::bad_lexical_cast> (bad lexical cast: source type value could not be interpreted as target)",
    ],
    ["GET /task_manager/list_module_tasks/repair?internal=YES", 400, "internal (yes): type error - should be bool"],
    ["PUT /task_manager/ttl?ttl=5", 404, "Not found"],
    ["GET /task_manager/abort_task/abc", 404, "Not found"],
    ["GET /snitch/rack?host=nobody", 500, null],
  ])("%s: %i", async (request, code, message) => {
    const on = await driven();
    const { status, text } = await ask(on.cluster, request);
    expect(status).toBe(code);
    if (message !== null) expect(text).toBe(`{"message": "${message}", "code": ${code}}`);
  });

  it.each(["%2B5", "5", "-4294967291"])("ttl=%s is 5", async (text) => {
    const on = await driven();
    await valueFrom(on.cluster, `POST /task_manager/ttl?ttl=${text}&unknown=1`);
    expect(await valueFrom(on.cluster, "GET /task_manager/ttl/")).toBe(5);
  });
});
