import { describe, expect, test } from "vitest";
import { type Answer, jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";
import { until } from "../fixtures/wait-servers.js";
import { startFollowing } from "./stage.js";

const NIL = "00000000-0000-0000-0000-000000000000";
const PLACE = ["--endpoint", "e", "--bucket", "b", "--prefix", "p", "--keyspace", "vn", "--table", "t"];
const refusal = (message: string, code: number): Answer => jsonAnswer({ message, code }, code);
const broken: Answer = (_, response) => response.destroy();

/** Answers in the order in which they are given, the last of them for ever; those of a path, or of a method and a path. */
type Script = Readonly<Record<string, readonly Answer[]>>;

const NODE: Script = {
  "/storage_service/keyspaces": [jsonAnswer(["vn", "wn"])],
  "/storage_service/keyspaces?replication=tablets": [jsonAnswer([])],
  "/storage_service/host_id": [jsonAnswer([])],
  "/task_manager/list_module_tasks/repair": [jsonAnswer([])],
  "/task_manager/list_module_tasks/node_ops": [jsonAnswer([])],
  "POST /storage_service/repair_async/vn": [jsonAnswer(7)],
  "POST /storage_service/repair_async/wn": [jsonAnswer(8)],
};

async function stage(script: Script) {
  const answers = new Map(Object.entries({ ...NODE, ...script }).map(([path, list]) => [path, [...list]]));
  const server = await scriptedServer((request, response) => {
    const { method = "", url = "" } = request;
    const [path = ""] = url.split("?");
    const list = answers.get(`${method} ${path}`) ?? answers.get(url) ?? answers.get(path);
    const answer = list !== undefined && list.length > 1 ? list.shift() : list?.[0];
    (answer ?? refusal("Not found", 404))(request, response);
  });
  return { ...server, urls: [server.url] };
}

async function against(args: readonly string[], script: Script) {
  const server = await stage(script);
  try {
    const run = await startFollowing(server, [...args, "--retry-for", "0.2s"]).end;
    return { ...run, requests: server.requests };
  } finally {
    await server.stop();
  }
}

const posts = (requests: readonly string[]) => requests.filter((line) => line.startsWith("POST"));
const noList = { "/task_manager/list_module_tasks/repair": [refusal("no", 500)] };

describe.concurrent("of a repair that has a number", () => {
  test.each([[["vn", "v1", "--wait"]], [["vn", "v1"]], [["vn", "--wait"]], [["vn"]]])(
    "and whose task cannot be found nothing says that it was not started: %j",
    async (args) => {
      const run = await against(["repair", ...args], noList);
      expect(run.code, run.stderr).toBe(125);
      expect(run.stdout + run.stderr).toContain("repair 7 of keyspace vn was started, but its task cannot be found");
      expect(run.stdout).not.toContain("not started");
      expect(posts(run.requests)).toHaveLength(1);
    },
  );

  test("and that its node forgot, the outcome is unknown, and the others go on", async () => {
    const run = await against(["repair", "--all-keyspaces", "--replication", "vnodes", "--keep-going", "--json"], {
      "GET /storage_service/repair_async/vn": [refusal("unknown repair id 7", 400)],
      "GET /storage_service/repair_async/wn": [jsonAnswer("SUCCESSFUL")],
    });
    expect(run.code, run.stderr).toBe(125);
    expect(JSON.parse(run.stdout)).toMatchObject([
      { keyspace: "vn", task_id: null, state: "unknown" },
      { keyspace: "wn", task_id: null, state: "nothing to do" },
    ]);
  });

  test("an interrupted user is told the number", async () => {
    const server = await stage({ "/task_manager/list_module_tasks/repair": [() => {}] });
    const { interrupt, end } = startFollowing(server, ["repair", "vn", "v1", "--wait"]);
    await until(() => server.requests.some((line) => line.includes("/list_module_tasks/")));
    interrupt();
    const run = await end;
    await server.stop();
    expect(run.code).not.toBe(0);
    expect(run.stderr).toContain("repair 7 of keyspace vn was started");
  });
});

describe.concurrent("of a call that answers at the end", () => {
  const lists = { "/task_manager/list_module_tasks/node_ops": [jsonAnswer([]), refusal("no", 500)] };
  const never: Answer = () => {};

  test("the call reports the end if the lists fail", async () => {
    let answer: (() => void) | undefined;
    const held: Answer = (_, response) => {
      answer = () => response.end();
    };
    const server = await stage({ ...lists, "/storage_service/decommission": [held] });
    const args = ["decommission", "--yes", "--wait", "--json", "--retry-for", "0.2s"];
    const { written, end } = startFollowing(server, args);
    await until(() => written.stderr.includes("its task cannot be found"));
    answer?.();
    const run = await end;
    await server.stop();
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ id: null, outcome: "done" });
  });

  test("without --wait and without an id, it is not a success", async () => {
    const run = await against(["decommission", "--yes"], { ...lists, "/storage_service/decommission": [never] });
    expect(run.code, run.stderr).toBe(125);
    expect(posts(run.requests)).toHaveLength(1);
  });

  test("if the list before it fails, nothing was started, and no message says otherwise", async () => {
    const run = await against(["decommission", "--yes", "--wait"], {
      "/task_manager/list_module_tasks/node_ops": [broken],
    });
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).not.toContain("may have started");
    expect(posts(run.requests)).toEqual([]);
  });
});

test("an empty id is a success only for a cleanup", async () => {
  const run = await against(["backup", ...PLACE, "--snapshot", "s", "--wait"], {
    "/storage_service/backup": [jsonAnswer(NIL)],
  });
  expect(run.code, run.stderr).toBe(125);
});

test("if the user interrupts, nothing else is started, and no message says so", async () => {
  const id = "11111111-2222-4333-8444-555555555555";
  const server = await stage({
    "/storage_service/keyspaces?replication=tablets": [jsonAnswer(["vn"])],
    "/column_family/": [jsonAnswer(["t1", "t2"].map((cf) => ({ ks: "vn", cf, type: "ColumnFamilies" })))],
    "/storage_service/tablets/repair": [jsonAnswer({ tablet_task_id: id })],
    [`/task_manager/wait_task/${id}`]: [() => {}],
  });
  const { interrupt, end } = startFollowing(server, ["repair", "vn", "--wait"]);
  await until(() => server.requests.some((line) => line.includes("/wait_task/")));
  interrupt();
  const run = await end;
  await server.stop();
  expect(run.code).not.toBe(0);
  expect(run.stderr).toContain(`wait ${id}`);
  expect(run.stderr).not.toContain("may have started");
  expect(posts(server.requests)).toHaveLength(1);
});

test("a refusal because of the release says so", async () => {
  const restore = async (release: string) =>
    await against(["restore", ...PLACE, "a-TOC.txt"], {
      "/storage_service/scylla_release_version": [jsonAnswer(release)],
      "/storage_service/restore": [refusal("Missing mandatory parameter 'snapshot'", 400)],
    });
  const old = await restore("6.2.3");
  expect(old.code).toBe(4);
  expect(old.stderr).toContain("a restore from a list of sstables needs ScyllaDB 2025.1 or newer; the server is 6.2.3");
  expect((await restore("2026.1.0")).stderr).not.toContain("needs 2025.1");
});

test("a colocated table is recognised by its refusal, however its lines are wrapped; a table named twice is repaired once", async () => {
  const text =
    "Cannot set repair request on table 'vn'.'t1' because it is colocated with the\nbase table 'vn'.'base'. Repair";
  const script = {
    "/storage_service/keyspaces?replication=tablets": [jsonAnswer(["vn"])],
    "/column_family/": [jsonAnswer([{ ks: "vn", cf: "t1", type: "ColumnFamilies" }])],
    "/storage_service/tablets/repair": [refusal(text, 400)],
  };
  const unnamed = await against(["repair", "vn", "--wait"], script);
  expect(unnamed.code, unnamed.stderr).toBe(0);
  expect(unnamed.stderr).toContain("vn.t1 is repaired together with vn.base");
  const named = await against(["repair", "vn", "t1", "t1", "--wait"], script);
  expect(named.code).toBe(4);
  expect(posts(named.requests)).toHaveLength(1);
});
