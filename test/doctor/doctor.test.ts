import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tlsFile } from "../fixtures/agent-proxy.js";
import { type GuardedNode, guardedNode } from "../fixtures/guarded-node.js";
import { runInProcess } from "../fixtures/run-in-process.js";

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
