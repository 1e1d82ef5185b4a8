import { describe, expect, test } from "vitest";
import { runInProcess } from "../fixtures/run-in-process.js";
import { type Answer, jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";

const STATS = [
  { task_id: "a", state: "done", type: "repair", start_time: "2026-11-24T08:00:00Z" },
  { task_id: "b", state: "running", type: "cleanup compaction", start_time: "2026-11-24T09:00:00Z" },
];

const SCRIPT: Record<string, Answer> = {
  "/task_manager/list_modules": jsonAnswer(["compaction", "repair"]),
  "/task_manager/list_module_tasks/compaction": jsonAnswer(STATS),
  "/task_manager/list_module_tasks/repair": jsonAnswer([{ task_id: "c", state: "failed" }]),
  "/task_manager/task_status_recursive/a": jsonAnswer([{ id: "a", state: "done" }]),
  "/task_manager/task_status_recursive/b": jsonAnswer([
    { id: "b", state: "running", start_time: "2026-11-24T09:00:00Z" },
    { id: "b1", state: "done" },
  ]),
  "/task_manager/task_status_recursive/c": jsonAnswer([
    { id: "c", state: "failed", start_time: "2026-11-24T07:00:00Z" },
  ]),
};

async function tasks(args: readonly string[], env?: Record<string, string>) {
  const server = await scriptedServer(SCRIPT);
  try {
    const run = await runInProcess(["-h", "127.0.0.1", "-p", String(server.port), ...args], env);
    return { ...run, requests: server.requests.map((line) => line.replace("/task_manager/", "")) };
  } finally {
    await server.stop();
  }
}

describe.concurrent("the form of the output", () => {
  test.each<[string[], string]>([
    [["-o", "name", "list", "compaction"], "a\nb\n"],
    [["list", "compaction", "-o=name"], "a\nb\n"],
    [["list", "compaction", "--output=name", "--state", "!done"], "b\n"],
    [["list", "compaction", "--fields", "state,task_id", "--no-header"], "done    a\nrunning b\n"],
    [
      ["list", "compaction", "-o", "csv", "--fields", "task_id", "-i", "1", "--interval", "0"],
      "task_id\r\na\r\nb\r\na\r\nb\r\n",
    ],
    [["modules", "-o", "csv"], "module\r\ncompaction\r\nrepair\r\n"],
    [
      ["list", "-A", "--sort", "-task_id", "-o", "ndjson", "--fields", "module"],
      '{"module":"repair"}\n{"module":"compaction"}\n{"module":"compaction"}\n',
    ],
    [["list", "compaction", "--count"], "2\n"],
    [["list", "compaction", "--count", "--json", "--limit", "1"], '{\n  "count": 1\n}\n'],
  ])("%j", async (args, stdout) => {
    expect(await tasks(args)).toMatchObject({ code: 0, stdout, stderr: "" });
  });

  test.each<[string[], string]>([
    [["modules", "-o", "xml"], "option '-o, --output <format>' argument 'xml' is invalid. It takes one of table, json"],
    [["modules", "--json", "-o", "yaml"], "option '--json' cannot be used together with '--output yaml'"],
    [["list", "compaction", "--fields", "task_id,"], "option '--fields <fields>' argument 'task_id,' is invalid."],
    [["list", "compaction", "--fields", "stat"], "Did you mean state?"],
    [["list", "compaction", "--sort", "-"], "option '--sort <field>' argument '-' is invalid."],
    [["list", "compaction", "--limit", "-1"], "option '--limit <count>' argument '-1' is invalid."],
    [["list", "compaction", "--older-than", "soon"], "option '--older-than <duration>' argument 'soon' is invalid."],
    [["list", "--all", "compaction"], "give either a module or --all, not both"],
    [["list", "--state", "done"], "required parameter is missing: module"],
    [["tree", "abcd", "--state", "done"], "give either an id or a filter"],
    [["status", "abcd", "--fields", "stat"], "Did you mean state?"],
    [["wait", "abcd", "--sort", "progres"], "option '--sort <field>' argument 'progres' is invalid."],
  ])("%j is a usage error, and nothing is asked", async (args, message) => {
    const run = await tasks(args);
    expect(run).toMatchObject({ code: 1, stdout: "", requests: [] });
    expect(run.stderr).toContain(message);
  });
});

describe.concurrent("-o name", () => {
  const answers: Record<string, Answer> = {
    "/task_manager/list_modules": jsonAnswer(["repair", "--help", "a b", "x\u001b[2J", "", "-", "compaction"]),
    "/task_manager/list_module_tasks/m": jsonAnswer([
      { task_id: "a", keyspace: "shop", type: "major compaction" },
      { task_id: "b", keyspace: "a b", type: "-q" },
    ]),
  };

  test.each<[string[], string, string]>([
    [["modules"], "repair\ncompaction\n", "5 rows"],
    [["list", "m", "--fields", "keyspace"], "shop\n", "1 name"],
    [["list", "m", "--fields", "type"], "major compaction\n", "1 name"],
  ])("%j prints nothing that another command would take for an option, and says so", async (args, stdout, names) => {
    const server = await scriptedServer(answers);
    try {
      const run = await runInProcess(["-h", "127.0.0.1", "-p", String(server.port), ...args, "-o", "name"]);
      expect(run).toEqual({ code: 3, stdout, stderr: expect.stringMatching(`^warning: ${names} (were )?left out`) });
    } finally {
      await server.stop();
    }
  });
});

describe.concurrent("the node that a node operation is about", () => {
  const ID = "0d6c1d7e-1b1a-4f7e-8f43-ad37e1b2b9a1";
  const HOST_ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";
  const operation = { kind: "cluster", state: "running", type: "decommission", entity: HOST_ID };
  const answers: Record<string, Answer> = {
    "/storage_service/host_id": jsonAnswer([{ key: "10.0.0.3", value: HOST_ID }]),
    "/task_manager/list_module_tasks/node_ops": jsonAnswer([
      { task_id: ID, ...operation },
      { task_id: "b", ...operation, entity: "" },
    ]),
    "/task_manager/list_module_tasks/compaction": jsonAnswer([{ task_id: "c", kind: "node", entity: HOST_ID }]),
    [`/task_manager/task_status/${ID}`]: jsonAnswer({ id: ID, ...operation }),
    [`/task_manager/task_status_recursive/${ID}`]: jsonAnswer([{ id: ID, ...operation }]),
  };
  const tasksOf = async (args: readonly string[], script = answers) => {
    const server = await scriptedServer(script);
    try {
      const run = await runInProcess(["-h", "127.0.0.1", "-p", String(server.port), ...args], { LANG: "C.UTF-8" });
      return { ...run, requests: server.requests };
    } finally {
      await server.stop();
    }
  };

  test.each([
    [["list", "node_ops", "-o", "ndjson", "--limit", "1"]],
    [["status", ID, "-o", "ndjson"]],
    [["tree", ID, "-o", "ndjson"]],
  ])("has its address in JSON: %j", async (args) => {
    const { stdout } = await tasksOf(args);
    expect(JSON.parse(stdout)).toMatchObject({ entity: HOST_ID, entity_node: "10.0.0.3" });
  });

  test("comes before the host id in a view, and has a name for --fields", async () => {
    const view = await tasksOf(["status", ID, "--color", "always"]);
    expect(view.stdout).toContain(`10.0.0.3 (${HOST_ID})`);
    const fields = await tasksOf(["list", "node_ops", "--fields", "type,entity_node", "--no-header"]);
    expect(fields.stdout).toBe("decommission 10.0.0.3\ndecommission         \n");
  });

  test("is not requested for nodetool's table, or if no task has one", async () => {
    for (const args of [
      ["list", "node_ops"],
      ["list", "node_ops", "-o", "csv"],
      ["list", "compaction", "--json"],
    ]) {
      expect((await tasksOf(args)).requests).toHaveLength(1);
    }
  });

  test("is left out if the server cannot say", async () => {
    const run = await tasksOf(["status", ID, "--json"], {
      ...answers,
      "/storage_service/host_id": jsonAnswer({}, 500),
    });
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).not.toContain("entity_node");
  });
});

describe.concurrent("a task that is a part of another", () => {
  const part = { id: "part", parent_id: "whole", kind: "node" };
  const whole = { id: "whole", parent_id: "none", kind: "cluster", children_ids: [{ task_id: "part", node: "n" }] };
  const answers: Record<string, Answer> = {
    "/task_manager/list_modules": jsonAnswer(["repair", "tablets"]),
    "/task_manager/list_module_tasks/repair": jsonAnswer([{ task_id: "part" }]),
    "/task_manager/list_module_tasks/tablets": jsonAnswer([{ task_id: "whole" }]),
    "/task_manager/task_status_recursive/part": jsonAnswer([part]),
    "/task_manager/task_status_recursive/whole": jsonAnswer([whole, part]),
  };

  test.each<[string[], string]>([
    [["-o", "name"], "whole\npart\n"],
    [["--count"], "2\n"],
    [["--count", "--depth", "0"], "1\n"],
    [["--fields", "id", "--no-header"], "whole\npart \n"],
    [
      ["--json", "--nested", "--fields", "id"],
      '[\n  {\n    "id": "whole",\n    "children": [\n      {\n        "id": "part",\n        "children": []\n      }\n    ]\n  }\n]\n',
    ],
  ])("is not shown again as a root: tree %j", async (args, stdout) => {
    const server = await scriptedServer(answers);
    try {
      const run = await runInProcess(["-h", "127.0.0.1", "-p", String(server.port), "tree", ...args]);
      expect(run).toMatchObject({ stdout, stderr: "" });
    } finally {
      await server.stop();
    }
  });

  test("but nodetool's own table has a line for each that the server sent", async () => {
    const server = await scriptedServer(answers);
    try {
      const run = await runInProcess(["-h", "127.0.0.1", "-p", String(server.port), "tree"]);
      expect(run.stdout.match(/^(whole|part)/gm)).toEqual(["part", "whole", "part"]);
    } finally {
      await server.stop();
    }
  });
});

describe.concurrent("which tasks are shown", () => {
  test("all modules are listed in their order", async () => {
    const run = await tasks(["list", "--all", "--fields", "module,task_id", "--no-header"]);
    expect(run.stdout).toBe("compaction a\ncompaction b\nrepair     c\n");
    expect(run.requests).toEqual([
      "GET list_modules",
      "GET list_module_tasks/compaction",
      "GET list_module_tasks/repair",
    ]);
  });

  test("a task for which the server does not send the field is left out, with a message", async () => {
    const run = await tasks(["list", "-A", "--older-than", "1s", "-o", "name"]);
    expect(run).toMatchObject({ code: 3, stdout: "a\nb\n" });
    expect(run.stderr).toBe(
      "warning: 1 task left out: the server does not report the fields that the options filter by\n",
    );
  });

  test("a tree is requested only if its root may match", async () => {
    const run = await tasks(["tree", "--state", "running", "-o", "name"]);
    expect(run).toMatchObject({ stdout: "b\nb1\n", stderr: "" });
    expect(run.requests).not.toContain("GET task_status_recursive/a");
  });

  test("the status of a root has what its list does not", async () => {
    const run = await tasks(["tree", "--older-than", "1s", "-o", "name", "--state", "!done"]);
    expect(run).toMatchObject({ stdout: "b\nb1\nc\n", stderr: "" });
  });
});
