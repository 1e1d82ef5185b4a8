import { describe, expect, test } from "vitest";
import { type Run, runTasks } from "../fixtures/run-tasks.js";
import { type Answer, jsonAnswer, scriptedServer, textAnswer } from "../fixtures/scripted-server.js";

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";
const EPOCH = "1970-01-01T00:00:00Z";
const OTHER = "0d6c1d7e-1b1a-4f7e-8f43-ad37e1b2b9a1";

/** Runs a command line against a server that answers by the script; `PORT` in an argument stands for its port. */
async function against(
  script: Record<string, Answer> | Answer,
  args: readonly string[],
): Promise<Run & { requests: string[] }> {
  const server = await scriptedServer(script);
  try {
    const port = String(server.port);
    const hasPort = args.some((argument) => argument.includes("PORT"));
    const all = hasPort
      ? args.map((argument) => argument.replace("PORT", port))
      : ["-h", "127.0.0.1", "-p", port, ...args];
    return { ...(await runTasks(all)), requests: server.requests };
  } finally {
    await server.stop();
  }
}

const STATS = {
  task_id: ID,
  state: "running",
  type: "major compaction",
  kind: "node",
  scope: "keyspace",
  keyspace: "shop",
  table: "",
  entity: "",
  sequence_number: 12,
  shard: 0,
  start_time: "2026-11-24T08:00:00Z",
  end_time: "1970-01-01T00:00:00Z",
};

const STATUS = {
  id: ID,
  type: "major compaction",
  kind: "node",
  scope: "keyspace",
  state: "failed",
  is_abortable: true,
  start_time: "2026-11-24T08:00:00Z",
  end_time: "1970-01-01T00:00:00Z",
  error: "red \u001b[31m\nalert",
  parent_id: "none",
  sequence_number: 12,
  shard: 0,
  keyspace: "shop",
  table: "bücher",
  entity: "",
  progress_units: "bytes",
  progress_total: 4,
  progress_completed: 0.5,
  children_ids: [
    { task_id: OTHER, node: "127.0.0.1" },
    { task_id: ID, node: "127.0.0.2" },
  ],
};

describe.concurrent("nodetool's contract: requests and stdout", () => {
  test("modules prints a name a line", async () => {
    const run = await against({ "/task_manager/list_modules": jsonAnswer(["compaction", "repair"]) }, ["modules"]);
    expect(run).toEqual({
      code: 0,
      stdout: "compaction\nrepair\n",
      stderr: "",
      requests: ["GET /task_manager/list_modules"],
    });
  });

  test("list prints the padded table, the last column padded too", async () => {
    const rows = [STATS, { task_id: OTHER, state: "created" }];
    const run = await against(jsonAnswer(rows), ["list", "compaction"]);
    const LIST_WIDTH = 149;
    const lines = [
      "task_id                              type             kind scope    state   sequence_number keyspace table entity shard start_time           end_time",
      `${ID} major compaction node keyspace running 12              shop                  0     2026-11-24T08:00:00Z         `,
      `${OTHER}                                created`.padEnd(LIST_WIDTH),
    ];
    expect(run.stdout).toBe(`${lines.join("\n")}\n`);
    expect(run.requests).toEqual(["GET /task_manager/list_module_tasks/compaction"]);
  });

  test("list of nothing prints the header", async () => {
    const run = await against(jsonAnswer([]), ["list", "repair"]);
    expect(run.stdout).toBe(
      "task_id type kind scope state sequence_number keyspace table entity shard start_time end_time\n",
    );
    expect(run.code).toBe(0);
  });

  test.each([
    [["--internal"], "internal=true"],
    [["-ks", "shop"], "keyspace=shop"],
    [["-ks=shop", "-cf=orders"], "keyspace=shop&table=orders"],
    [["--keyspace=shop", "--column-family", "orders", "--internal"], "keyspace=shop&table=orders&internal=true"],
    [["-t", "orders"], "table=orders"],
    [["--table", "a b&c"], "table=a%20b%26c"],
  ])("list sends for %j only %s", async (args, query) => {
    const run = await against(jsonAnswer([]), ["list", "compaction", ...args]);
    expect(run.requests).toEqual([`GET /task_manager/list_module_tasks/compaction?${query}`]);
  });

  test("list repeats with two empty lines before each repetition", async () => {
    const run = await against(jsonAnswer([]), ["list", "m", "--interval", "0", "--iterations", "2"]);
    const header = "task_id type kind scope state sequence_number keyspace table entity shard start_time end_time\n";
    expect(run.stdout).toBe(`${header}\n\n${header}\n\n${header}`);
    expect(run.requests).toHaveLength(3);
  });

  test("status prints the server's fields in the server's order", async () => {
    const run = await against(jsonAnswer(STATUS), ["status", ID]);
    expect(run.stdout).toBe(
      `id: ${ID}
type: major compaction
kind: node
scope: keyspace
state: failed
is_abortable: true
start_time: 2026-11-24T08:00:00Z
end_time:${" "}
error: red \\x1b[31m\\x0aalert
parent_id: none
sequence_number: 12
shard: 0
keyspace: shop
table: bücher
entity:${" "}
progress_units: bytes
progress_total: 4
progress_completed: 0.5
children_ids: [{task_id: ${OTHER}, node: 127.0.0.1 }, {task_id: ${ID}, node: 127.0.0.2 }]
`,
    );
    expect(run.requests).toEqual([`GET /task_manager/task_status/${ID}`]);
  });

  test("the epoch is an unset time in the fields of times alone", async () => {
    const run = await against(jsonAnswer({ start_time: EPOCH, entity: EPOCH }), ["status", ID]);
    expect(run.stdout).toBe(`start_time: \nentity: ${EPOCH}\n`);
    const list = await against(jsonAnswer([{ end_time: EPOCH, entity: EPOCH }]), ["list", "m", "--no-header"]);
    expect(list.stdout.trim()).toBe(EPOCH);
  });

  test("status of {} prints nothing, exit 0", async () => {
    const run = await against(jsonAnswer({}), ["status", ID]);
    expect(run).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  test("a word of an id's length is not checked, but percent-encoded", async () => {
    const word = `../a b?c=1#d/é${"-".repeat(22)}`;
    expect(word).toHaveLength(36);
    const run = await against(jsonAnswer({}), ["status", word]);
    const sent = `..%2Fa%20b%3Fc%3D1%23d%2F%C3%A9${"-".repeat(22)}`;
    expect(run.requests).toEqual([`GET /task_manager/task_status/${sent}`]);
  });

  test("tree prints a table with total, completed and children", async () => {
    const run = await against(jsonAnswer([STATUS, { id: OTHER }]), ["tree", ID]);
    const [header, first, second] = run.stdout.split("\n");
    expect(header?.trimEnd().split(/ +/).join(" ")).toBe(
      "id type kind scope state is_abortable start_time end_time error parent_id sequence_number shard keyspace table entity progress_units total completed children_ids",
    );
    expect(first).toContain("red \\x1b[31m\\x0aalert none");
    expect(first).toContain(" 4     0.5       [{task_id: ");
    expect(second?.trimEnd().endsWith("[]")).toBe(true);
    expect(new Set([header, first, second].map((line) => line?.length)).size).toBe(1);
    expect(run.requests).toEqual([`GET /task_manager/task_status_recursive/${ID}`]);
  });

  test("tree without an id asks for each task of each module, and skips one that is gone", async () => {
    const run = await against(
      {
        "/task_manager/list_modules": jsonAnswer(["compaction", "repair"]),
        "/task_manager/list_module_tasks/compaction": jsonAnswer([{ task_id: ID }, { task_id: OTHER }]),
        "/task_manager/list_module_tasks/repair": jsonAnswer([]),
        [`/task_manager/task_status_recursive/${ID}`]: jsonAnswer({ message: "gone", code: 400 }, 400),
        [`/task_manager/task_status_recursive/${OTHER}`]: jsonAnswer([{ id: OTHER }]),
      },
      ["tree"],
    );
    expect(run.code).toBe(0);
    expect(run.stdout.split("\n")).toHaveLength(3);
    expect(run.requests).toEqual([
      "GET /task_manager/list_modules",
      "GET /task_manager/list_module_tasks/compaction",
      `GET /task_manager/task_status_recursive/${ID}`,
      `GET /task_manager/task_status_recursive/${OTHER}`,
      "GET /task_manager/list_module_tasks/repair",
    ]);
  });

  test.each([["", "{}"]])("abort prints nothing for the void answers %j and %j", async (...bodies) => {
    for (const body of bodies) {
      const run = await against(textAnswer(body), ["abort", ID]);
      expect(run).toEqual({ code: 0, stdout: "", stderr: "", requests: [`POST /task_manager/abort_task/${ID}`] });
    }
  });

  test("abort says that a task is not abortable, exit 0", async () => {
    const run = await against(jsonAnswer({ message: "no", code: 403 }, 403), ["abort", ID]);
    expect(run).toMatchObject({ code: 0, stdout: `Task with id ${ID} is not abortable\n`, stderr: "" });
  });

  test("ttl and user-ttl show and set", async () => {
    for (const [command, field, label] of [
      ["ttl", "ttl", "Current ttl"],
      ["user-ttl", "user_ttl", "Current user ttl"],
    ] as const) {
      const shown = await against(jsonAnswer(10), [command]);
      expect(shown).toEqual({
        code: 0,
        stdout: `${label}: 10\n`,
        stderr: "",
        requests: [`GET /task_manager/${field}`],
      });
      const set = await against(jsonAnswer(10), [command, "--set", "4294967295"]);
      const requests = [`POST /task_manager/${field}?${field}=4294967295`];
      expect(set).toEqual({ code: 0, stdout: "", stderr: "", requests });
    }
  });

  test.each([
    ["soon", "soon"],
    [EPOCH, EPOCH],
    [null, "null"],
    [{}, "{}"],
  ])("ttl prints whatever JSON value came: %j", async (value, text) => {
    expect((await against(jsonAnswer(value), ["ttl"])).stdout).toBe(`Current ttl: ${text}\n`);
  });

  test("drain empties one module, or each in the server's order", async () => {
    const one = await against(textAnswer(""), ["drain", "--module", "repair"]);
    expect(one).toEqual({ code: 0, stdout: "", stderr: "", requests: ["POST /task_manager/drain/repair"] });
    const all = await against(
      (request, response) =>
        (request.url === "/task_manager/list_modules" ? jsonAnswer(["b", "a"]) : textAnswer(""))(request, response),
      ["drain"],
    );
    expect(all.requests).toEqual([
      "GET /task_manager/list_modules",
      "POST /task_manager/drain/b",
      "POST /task_manager/drain/a",
    ]);
  });

  test.each([
    [["-h=127.0.0.1", "-p=PORT", "modules"]],
    [["modules", "--host", "127.0.0.1", "--port", "PORT"]],
    [["modules", "-h127.0.0.1", "-pPORT"]],
    [["-p", "1", "--rest-api-port", "PORT", "-h", "127.0.0.1", "modules"]],
    [["-p", "1", "-Dcom.scylladb.apiPort=PORT", "-Dother", "-h", "127.0.0.1", "modules"]],
    [["-u", "me", "-pw", "secret", "-pwf", "file", "-pp", "modules", "-h", "127.0.0.1", "-p", "PORT"]],
    [["--username=me", "--password=x", "-pwf=f", "--print-port", "modules", "-p", "PORT"]],
  ])("takes nodetool's global options %j", async (args) => {
    const run = await against(jsonAnswer(["m"]), args);
    expect(run).toEqual({ code: 0, stdout: "m\n", stderr: "", requests: ["GET /task_manager/list_modules"] });
  });

  test("takes --id and --module for the positional", async () => {
    expect((await against(jsonAnswer({}), ["status", "--id", ID])).requests).toEqual([
      `GET /task_manager/task_status/${ID}`,
    ]);
    expect((await against(jsonAnswer([]), ["list", "--module", "m"])).requests).toEqual([
      "GET /task_manager/list_module_tasks/m",
    ]);
    expect((await against(textAnswer(""), ["abort", "--id", ID, "--id", OTHER])).requests).toEqual([
      `POST /task_manager/abort_task/${ID}`,
      `POST /task_manager/abort_task/${OTHER}`,
    ]);
  });
});

describe.concurrent("nodetool's contract: wait", () => {
  test.each([
    ["done", 0],
    ["failed", 123],
    ["suspended", 125],
    ["whatever", 125],
    [undefined, 125],
  ])("of a task that ended %s exits with %i, quiet or not", async (state, code) => {
    const loud = await against(jsonAnswer({ id: ID, state }), ["wait", ID]);
    expect(loud).toMatchObject({ code, requests: [`GET /task_manager/wait_task/${ID}`] });
    expect(loud.stdout).toContain(`id: ${ID}\n`);
    const quiet = await against(jsonAnswer({ id: ID, state }), ["wait", "-q", ID, "--timeout", "5"]);
    expect(quiet).toMatchObject({ code, stdout: "", requests: [`GET /task_manager/wait_task/${ID}?timeout=5`] });
  });

  test("says on stdout that it timed out, exit 124", async () => {
    const run = await against(jsonAnswer({ message: "timedout", code: 408 }, 408), ["wait", ID, "--timeout", "1"]);
    expect(run).toMatchObject({ code: 124, stdout: "Operation timed out\n" });
  });

  test("of an unknown task exits with 125 and says why", async () => {
    const answer = jsonAnswer({ message: `task with id ${ID} not found`, code: 400 }, 400);
    const run = await against(answer, ["wait", ID]);
    expect(run).toMatchObject({ code: 125, stdout: "" });
    expect(run.stderr).toContain(`task with id ${ID} not found`);
  });
});

describe.concurrent("nodetool's contract: errors", () => {
  test.each([
    [[], "unrecognized operation argument"],
    [["lst", "compaction"], "unrecognized operation argument: 'lst'"],
    [["lst", "compaction"], "Did you mean list?"],
    [["help", "lst"], "unrecognized operation argument: 'lst'\n(Did you mean list?)"],
    [["help", "whatever"], "unrecognized operation argument: 'whatever'\nTry"],
    [["list"], "required parameter is missing: module"],
    [["status"], "required parameter is missing: id"],
    [["abort"], "required parameter is missing: id"],
    [["wait"], "required parameter is missing: id"],
    [["list", "m", "--intern"], "unrecognised option '--intern'"],
    [["list", "m", "--intern"], "Did you mean --internal?"],
    [["list", "m", "-x"], "unrecognised option '-x'"],
    [["list", "a", "b"], "option '--module' cannot be specified more than once"],
    [["status", "a", "b"], "option '--id' cannot be specified more than once"],
    [["tree", "a", "b"], "option '--id' cannot be specified more than once"],
    [["tree", "--id", "a", "--id", "b"], "option '--id' cannot be specified more than once"],
    [["status", "a", "--id=b"], "option '--id' cannot be specified more than once"],
    [["list", "--module", "a", "b"], "option '--module' cannot be specified more than once"],
    [["list", "m", "--interval", "soon"], "'--interval <seconds>' argument 'soon' is invalid. It takes a whole number"],
    [["list", "m", "-i", "-1"], "argument '-1' is invalid"],
    [["wait", ID, "--timeout", "1000000000000000"], "argument '1000000000000000' is invalid. It takes at most"],
    [["ttl", "--set", "4294967296"], "from 0 to 4294967295"],
    [["ttl", "--set", "1.5"], "'1.5' is invalid"],
    [["user-ttl", "--set"], "argument missing"],
    [["modules", "-p", "70000"], "from 0 to 65535"],
    [["modules", "-p", "0"], "from 1 to 65535"],
    [["modules", "-h", "a b"], "'a b' is invalid"],
    [["modules", "-h", "host/path"], "It takes a host name"],
    [["modules", "-Dcom.scylladb.apiPort=x"], "-Dcom.scylladb.apiPort=x"],
  ])("%j is a usage error that says: %s", async (args, phrase) => {
    const run = await runTasks(args);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain(phrase);
    expect(run.stderr).not.toMatch(/\n {4}at /);
  });

  test("an error status tells method, path, parameters, status and message, exit 4", async () => {
    const answer = jsonAnswer({ message: "no such \u001b[2Jmodule", code: 400 }, 400);
    const run = await against(answer, ["list", "m", "-ks", "shop"]);
    expect(run).toMatchObject({ code: 4, stdout: "" });
    expect(run.stderr).toMatch(
      /^error: GET \/task_manager\/list_module_tasks\/m\?keyspace=shop on http:\/\/127\.0\.0\.1:\d+ answered 400 Bad Request: no such \\x1b\[2Jmodule\n$/,
    );
  });

  test.each<[string, Answer, number]>([
    ["HTML", textAnswer("<html></html>"), 2],
    ["truncated JSON", textAnswer('[{"task_id": "x"'), 2],
    ["an empty 200", textAnswer(""), 2],
    ["an object for a list", jsonAnswer({}), 2],
    ["a row that is no object", jsonAnswer([5]), 2],
    ["500 with a text body", textAnswer("boom\nerror: forged", 500), 4],
    ["401", jsonAnswer({ message: "unauthorized", code: 401 }, 401), 4],
    ["a redirect", textAnswer("", 307, { location: "http://127.0.0.1:1/" }), 4],
    ["a connection that breaks", (request) => request.socket.destroy(), 2],
    [
      "a broken body",
      (_request, response) =>
        response.writeHead(200, { "content-length": "100" }).write("[") && setImmediate(() => response.destroy()),
      2,
    ],
  ])("%s: one message, exit code, no stack trace", async (_name, answer, code) => {
    const run = await against(answer, ["list", "m"]);
    expect(run).toMatchObject({ code, stdout: "" });
    expect(run.stderr).toMatch(/^error: [^\n]+\n$/);
    expect(run.requests).toHaveLength(1);
  });

  test.each([
    ["status", 2],
    ["abort", 2],
    ["wait", 125],
  ])("%s: a server that switches protocols has not answered, exit %i", async (command, code) => {
    const switches: Answer = ({ socket }) =>
      socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n");
    const run = await against(switches, [command, ID]);
    expect(run).toMatchObject({ code, stdout: "" });
    expect(run.stderr).toMatch(/^error: unreadable answer to [^\n]+: it switched to another protocol\n$/);
  });

  test.each([
    ["<html><title>Login</title></html>", '"<html><title>Login</title></html>"'],
    ["null", '"null"'],
    ["[] and more", '"and more" follows the end'],
  ])("an answer that is no array, %j, is told as what came", async (body, told) => {
    const run = await against(textAnswer(body), ["list", "m"]);
    expect(run.stderr).toContain(told);
  });

  test("a closed port and an unknown host exit with 2", async () => {
    const server = await scriptedServer({});
    await server.stop();
    const closed = await runTasks(["modules", "-h", "127.0.0.1", "-p", String(server.port)]);
    expect(closed.code).toBe(2);
    expect(closed.stderr).toContain("connection refused");
    const unknown = await runTasks(["modules", "-h", "no-such-host.invalid"]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/no such host|could not be resolved/);
  });
});
