import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tlsFile } from "../fixtures/agent-proxy.js";
import { type GuardedNode, guardedNode } from "../fixtures/guarded-node.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { type Answer, jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";

let guarded: GuardedNode;
beforeAll(async () => {
  guarded = await guardedNode();
});
afterAll(() => guarded.stop());

describe.concurrent("doctor", () => {
  test("finds nothing wrong with the mock, and names its nodes", async () => {
    const run = await runInProcess(["--mock", "--nodes", "2", "--generation", "current", "doctor", "--json"]);
    expect(run.code).toBe(0);
    const findings: { check: string; result: string }[] = JSON.parse(run.stdout);
    const checks = [...new Set(findings.map(({ check }) => check))];
    expect(checks).toEqual(["tasks", "port", "api", "release", "ttl", "user-ttl", "node"]);
    expect(findings.filter(({ check }) => check === "node")).toHaveLength(2);
    expect(findings.every(({ result }) => result !== "wrong")).toBe(true);
  });

  test.each([
    [["-h", "no-such-host.invalid"], "wrong name"],
    [["-h", "127.0.0.1", "-p", "1"], "wrong port"],
  ])("%j: %s, exit 1", async (args, line) => {
    const run = await runInProcess(["doctor", ...args]);
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(line);
    expect(run.stdout).toContain("-> ");
  });

  test.each(["ttl", "user_ttl"])("does not take %s for a time if it is no number", async (path) => {
    const server = await scriptedServer({
      "/task_manager/list_modules": jsonAnswer([]),
      "/task_manager/ttl": jsonAnswer(60),
      "/task_manager/user_ttl": jsonAnswer(60),
      [`/task_manager/${path}`]: jsonAnswer([{ a: 1 }]),
    });
    try {
      const run = await runInProcess(["doctor", "--url", server.url]);
      expect(run.code).toBe(1);
      expect(run.stdout).toMatch(new RegExp(`wrong +${path.replace("_", "-")} .*not a number of seconds`));
      expect(run.stdout).not.toContain("[object");
    } finally {
      await server.stop();
    }
  });

  test("names a hundred nodes that are down, and counts the others", async () => {
    const down = Array.from({ length: 250 }, (_, index) => `10.0.${index >> 7}.${index & 127}`);
    const server = await scriptedServer({
      "/task_manager/list_modules": jsonAnswer([]),
      "/task_manager/ttl": jsonAnswer(60),
      "/task_manager/user_ttl": jsonAnswer(60),
      "/storage_service/scylla_release_version": jsonAnswer("2026.2.0"),
      "/gossiper/endpoint/live/": jsonAnswer(["127.0.0.1"]),
      "/gossiper/endpoint/down/": jsonAnswer(down),
      "/storage_service/host_id": jsonAnswer([]),
    });
    try {
      const run = await runInProcess(["doctor", "--url", server.url, "--json"]);
      const found: { check: string; detail: string }[] = JSON.parse(run.stdout);
      const nodes = found.filter(({ check }) => check === "node").map(({ detail }) => detail);
      expect(nodes).toHaveLength(102);
      expect(nodes.at(-1)).toBe("150 more nodes are down");
    } finally {
      await server.stop();
    }
  });

  test("does not blame a port that is open for what listens there", async () => {
    const run = await runInProcess(["doctor", "--url", guarded.agent.url.replace("https", "http")]);
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/ok {4}port .*\nwrong api .*\n.*--url https:/);
  });

  test("claims nothing of a port of which it saw nothing", async () => {
    const silent = await runInProcess(["doctor", "--proxy-command", "cat >/dev/null", "--node-timeout", "200ms"]);
    expect(silent.stdout).toMatch(/^wrong api .* within 0.2 s/m);
    const failed = await runInProcess(["doctor", "--proxy-command", "false"]);
    expect(failed.stdout).toMatch(/^wrong proxy .*exit code 1/m);
  });

  test("checks each of several hosts", async () => {
    const run = await runInProcess(["doctor", "-h", "127.0.0.1,127.0.0.2", "-p", String(guarded.node.port)]);
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(`wrong node     127.0.0.2:${guarded.node.port}: cannot reach`);
  });

  test("says that a token is not accepted", async () => {
    const run = await runInProcess(["doctor", "--url", guarded.agent.url, "--ca", tlsFile("ca.pem")], {
      TASKS_TOKEN: "x",
    });
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/ok {4}tls .*\nwrong token .*401/);
  });
});

describe.concurrent("doctor on a server that does not say all", () => {
  const healthy: Record<string, Answer> = {
    "/task_manager/list_modules": jsonAnswer(["compaction"]),
    "/storage_service/scylla_release_version": jsonAnswer("2026.3.0"),
    "/task_manager/ttl": jsonAnswer(600),
    "/task_manager/user_ttl": jsonAnswer(3600),
    "/gossiper/endpoint/live/": jsonAnswer(["127.0.0.1"]),
    "/gossiper/endpoint/down/": jsonAnswer([]),
  };
  const examined = async (changes: Record<string, Answer>, ...args: string[]) => {
    const server = await scriptedServer({ ...healthy, ...changes });
    const own = ["--node-map", `127.0.0.1=${server.url}`];
    try {
      return await runInProcess(["doctor", "--url", server.url, ...own, ...args]);
    } finally {
      await server.stop();
    }
  };

  test.each<[string, Record<string, Answer>, number, RegExp]>([
    ["forgets tasks at once", { "/task_manager/ttl": jsonAnswer(0) }, 0, /^note {2}ttl .*\n.*tasks ttl --set 600/m],
    [
      "forgets tasks of users at once",
      { "/task_manager/user_ttl": jsonAnswer(0) },
      0,
      /^note {2}user-ttl .*\n.*tasks user-ttl --set 3600/m,
    ],
    [
      "fails at one question",
      { "/task_manager/user_ttl": jsonAnswer({ message: "boom" }, 500) },
      0,
      /^note {2}user-ttl .*boom.*\n.*may be too old to report it, or still starting/m,
    ],
    ["knows no ttl of users", { "/task_manager/user_ttl": jsonAnswer({ message: "no" }, 404) }, 0, /^ok {4}ttl /m],
    [
      "knows no other nodes",
      { "/gossiper/endpoint/live/": jsonAnswer({ message: "boom" }, 500) },
      0,
      /^note {2}node .*\n.*without discovery, only this node can be queried/m,
    ],
    [
      "sees a node as down",
      { "/gossiper/endpoint/down/": jsonAnswer(["127.0.0.9"]) },
      0,
      /^note {2}node {5}127\.0\.0\.9: .*\n.*not shown until it is back/m,
    ],
    [
      "sees a node that does not answer here",
      { "/gossiper/endpoint/live/": jsonAnswer(["127.0.0.1", "127.0.0.9"]) },
      1,
      /^wrong node {5}127\.0\.0\.9: .*\n.*--node-map or --node-url/m,
    ],
    [
      "fails at the first question",
      { "/task_manager/list_modules": jsonAnswer({ message: "boom" }, 500) },
      1,
      /^wrong api .*500.*boom/m,
    ],
  ])("that %s", async (_name, changes, code, line) => {
    const run = await examined(changes, "--node-map", "127.0.0.9=http://127.0.0.1:1");
    expect(run.stdout).toMatch(line);
    expect(run.code).toBe(code);
  });

  test("a name is shown with its addresses", async () => {
    const run = await runInProcess(["doctor", "-h", "localhost", "-p", "1"]);
    expect(run.stdout).toMatch(/^ok {4}name .*localhost is (127\.0\.0\.1|::1)/m);
  });

  test("a port that speaks no HTTP is open, and no API of ScyllaDB", async () => {
    const run = await examined({ "/task_manager/list_modules": (request) => request.socket.end("SSH-2.0\r\n") });
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/^ok {4}port .*\nwrong api /m);
  });
});
