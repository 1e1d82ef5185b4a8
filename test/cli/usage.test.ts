import { describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.js";
import { COMMANDS } from "../../src/commands.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";

describe.concurrent("help", () => {
  test.each([
    [["help"], "Usage: tasks [options] <command>"],
    [["--help"], "Usage: tasks [options] <command>"],
    [["help", "list"], "Usage: tasks list [options] <module> | --all"],
    [["list", "--help"], "Usage: tasks list [options] <module> | --all"],
    [["help", "help"], "Usage: tasks help [options] [command...]"],
    [["help", "context", "use"], "Usage: tasks context use [options] <name>"],
    [["start", "help"], "Usage: tasks start [options] <operation>"],
    [
      ["start", "help", "cleanup"],
      "Usage: tasks start cleanup [options] <keyspace> [table...] | --all-keyspaces | --global",
    ],
    [
      ["help", "start", "backup"],
      "Usage: tasks start backup [options] --endpoint <name> --bucket <name> --prefix <prefix> --keyspace <name> --table <name>",
    ],
    [["mock", "--help"], "Usage: tasks mock [options]"],
  ])("%j is shown on stdout, exit 0", async (args, usage) => {
    const run = await runInProcess(args);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const [first, ...lines] = run.stdout.split("\n");
    expect(first).toBe(usage);
    const [, options = ""] = lines.join("\n").split("Options:\n");
    for (const line of options.split("Examples:")[0]?.split("\n") ?? [])
      expect(line.length, line).toBeLessThanOrEqual(80);
    expect(options).not.toContain("preset");
  });

  test("tasks alone says what it is, its commands and how to begin, exit 1", async () => {
    const { code, stdout, stderr } = await runInProcess([]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^error: unrecognized operation argument: a command is missing\n/);
    expect(stderr).toMatch(/drop-in replacement for `nodetool tasks`/);
    expect(stderr).toMatch(/^ {2}abort +ask tasks to stop$/m);
    expect(stderr).toMatch(/Examples:\n {2}tasks list compaction\n {2}tasks --mock list compaction\n/);
  });
});

describe.concurrent("messages about mistakes", () => {
  test.each([
    [["list"], "required parameter is missing: module\nModules of ScyllaDB: compaction, repair, node_ops,"],
    [["help", "lst"], "unrecognized operation argument: 'lst'\n(Did you mean list?)"],
    [["lst", "--help"], "unrecognized operation argument: 'lst'\n(Did you mean list?)"],
    [["start", "repiar", "--help"], "unrecognized operation argument: 'repiar'\n(Did you mean repair?)"],
    [["help", "start", "nonsense"], "unrecognized operation argument: 'nonsense'\nTry 'tasks start --help'."],
    [["start", "help", "nonsense"], "unrecognized operation argument: 'nonsense'\nTry 'tasks start --help'."],
    [["status"], "required parameter is missing: id\n`tasks list --all` shows the ids of tasks."],
    [
      ["wait"],
      "required parameter is missing: id\nGive task ids (`tasks list --all` shows them), or select tasks with --module.",
    ],
    [["modules", "--deadline", "0"], "argument '0' is invalid. It takes a duration above 0."],
    [["start"], "unrecognized operation argument: a command is missing\n\nStart an operation"],
    [
      ["ttl", "--set", "10x"],
      "argument '10x' is invalid. It takes a whole number of seconds, or a duration such as 10m, from 0 to 4294967295.",
    ],
    [
      ["ttl", "--set", "9999999d"],
      "It takes a whole number of seconds, or a duration such as 10m, from 0 to 4294967295.",
    ],
    [["modules", "--max-response", "many"], "It takes a size such as 100000 (bytes), 512KB, 100MB or 2GB."],
    [["modules", "--max-response", "0"], "It takes a size such as 100000 (bytes), 512KB, 100MB or 2GB."],
    [["--mock", "--speed", "0", "modules"], "argument '0' is invalid. It takes a number above 0."],
    [["list", "-A", "--older-than", "9999999999d"], "It takes at most 9007199254740 seconds."],
    [["--from", "x", "--at", "nonsense", "list", "-A"], "It takes a time such as 2026-11-24T03:12"],
    [["modules", "--url", "http://a", "-h", "b"], "'--url <url>' cannot be used together with --host or --port"],
    [["modules", "-p", "0"], "It takes a port from 1 to 65535."],
    [["modules", "-h", ""], "argument '' is invalid. It takes a host name."],
    [["modules", "-h", "a b"], "argument 'a b' is invalid. It takes a host name or an IP address."],
    [["modules", "--ca", "/nonexistent"], "cannot read '/nonexistent': ENOENT: no such file or directory\n"],
    [["modules", "--release", "2025.1"], "option '--release' needs --mock"],
    [["modules", "-a", "--node-map", "x"], "argument 'x' is invalid. It takes ADDRESS=URL."],
    [["modules", "-Dcom.scylladb.apiPort=x"], "'-Dcom.scylladb.apiPort=x' is invalid. It takes a whole number"],
    [["tree", "abcd", "--nested", "--json", "--count"], "give either --nested or --count, not both"],
    [["tree", "abcd", "--nested"], "option '--nested' needs --json"],
    [
      ["list", "compaction", "--watch", "5min"],
      "argument '5min' is invalid. It takes seconds or a duration such as 90,",
    ],
    [["list", "compaction", "--watch", "100ms"], "It takes a duration of at least 200ms."],
    [["list", "compaction", "--watch", "--iterations", "2"], "give either --watch or --iterations, not both"],
    [["list", "compaction", "--watch", "--exit-code"], "give either --watch or --exit-code, not both"],
    [["history", "-h", "10.0.0.1"], "this command reads a journal (--from) and takes no node"],
    [["list", "a", "--wait"], "unrecognised option '--wait'\nTry 'tasks list --help'."],
    [["list", "a", "--fileds", "state"], "unrecognised option '--fileds'\n(Did you mean --fields?)"],
    [["list", "a", "b"], "option '--module' cannot be specified more than once"],
    [["list", "a", "--module", "b"], "option '--module' cannot be specified more than once"],
    [["status", "--id", "abcd", "--id", "abce"], "option '--id' cannot be specified more than once"],
    [["-D", "com.scylladb.apiPort=x", "modules"], "option '-Dcom.scylladb.apiPort=x' is invalid. It takes a whole"],
    [["-h", "::1/x", "modules"], "argument '::1/x' is invalid. It takes a host name or an IP address."],
    [["--mock", "--speed", "fast", "modules"], "It takes a number above 0."],
    [["history", "--since", "9999999999999999d"], "It takes a time such as 2026-11-24T03:12"],
    [["history", "--by", "table,table"], "It takes each word once."],
    [["modules", "extra"], "too many arguments: 'modules' takes none"],
    [["context", "nonsense"], "unrecognized operation argument: 'nonsense'\nTry 'tasks context --help'."],
    [["start", "nonsense"], "unrecognized operation argument: 'nonsense'\nTry 'tasks start --help'."],
    [["completion", "tcsh"], "argument 'tcsh' for <shell> is invalid. It takes one of bash, zsh, fish."],
    [["context", "show"], "no current context in /nonexistent: give a name, or choose one with `tasks context use`"],
    [["context", "show", "x"], "no context 'x' in /nonexistent, which has no contexts"],
    [["--mock", "--scenario", "nope", "modules"], "unknown scenario 'nope': expected one of default, idle,"],
    [["--mock", "--replay", "/nonexistent", "modules"], "no journal '/nonexistent'"],
    [["top"], "tasks top needs a terminal: stdout is not a terminal"],
    [["metrics", "--interval", "10ms"], "takes at least 1s"],
  ])("%j", async (args, message) => {
    const { code, stderr } = await runInProcess(args);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  test("a similar module is suggested, and another node for a task, without further requests", async () => {
    const server = await scriptedServer((request, response) => {
      const name = request.url?.split("/").at(-1);
      const message = request.url?.includes("list_module_tasks")
        ? `std::runtime_error (module ${name} not found)`
        : `task with id ${name} not found`;
      jsonAnswer({ message, code: 400 }, 400)(request, response);
    });
    try {
      const list = await runInProcess(["--url", server.url, "list", "compction"]);
      expect(list).toMatchObject({ code: 4, stderr: expect.stringMatching(/\n\(Did you mean compaction\?\)\n$/) });
      const status = await runInProcess(["--url", server.url, "status", "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f"]);
      expect(status).toMatchObject({
        code: 4,
        stderr: expect.stringMatching(/\nIt may be on another node: use --all/),
      });
      expect(server.requests).toHaveLength(2);
    } finally {
      await server.stop();
    }
  });
});

test("a ttl may be set as a duration", async () => {
  const server = await scriptedServer(jsonAnswer({}));
  try {
    await runInProcess(["--url", server.url, "ttl", "--set", "10m"]);
    await runInProcess(["--url", server.url, "user-ttl", "--set", "90"]);
    expect(server.requests).toEqual(["POST /task_manager/ttl?ttl=600", "POST /task_manager/user_ttl?user_ttl=90"]);
  } finally {
    await server.stop();
  }
});

test("short switches can be combined, and --no-all-nodes overrides the configuration", async () => {
  const server = await scriptedServer((request, response) =>
    jsonAnswer(request.url?.includes("live") ? ["127.0.0.1"] : [])(request, response),
  );
  try {
    expect(await runInProcess(["--url", server.url, "list", "-Aa"])).toMatchObject({ code: 0 });
    expect(server.requests.join()).toContain("/gossiper/endpoint/live");
    server.requests.length = 0;
    expect(await runInProcess(["--url", server.url, "-a", "list", "-A", "--no-all-nodes"])).toMatchObject({ code: 0 });
    expect(server.requests).toEqual(["GET /task_manager/list_modules"]);
  } finally {
    await server.stop();
  }
});

test("--deadline ends a command that takes longer, exit 2, but not a wait", async () => {
  const server = await scriptedServer((request, response) => {
    if (request.url?.includes("wait_task")) jsonAnswer({ state: "done", id: ID })(request, response);
    // Anything else is never answered.
  });
  try {
    // The clock of a run in-process does not sleep: the time is up at once.
    expect(await runInProcess(["--url", server.url, "--deadline", "10s", "list", "-A"])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: the command did not finish within 10 s (--deadline): the node is slow, or there is a lot to read\n",
    });
    expect(await runInProcess(["--url", server.url, "--deadline", "10s", "wait", "-q", "--", ID])).toMatchObject({
      code: 0,
    });
  } finally {
    await server.stop();
  }
});

test("a command whose file cannot be loaded is one message, exit 2", async () => {
  const { runtime, written } = fakeRuntime();
  const load = () => Promise.reject(new Error("Cannot find module './chunks/list.cjs'"));
  expect(await run(["list", "compaction"], runtime, { ...COMMANDS, load })).toBe(2);
  expect(written).toEqual({ stdout: "", stderr: "error: Cannot find module './chunks/list.cjs'\n" });
});
