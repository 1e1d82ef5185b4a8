import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RELAY, tlsFile } from "../fixtures/agent-proxy.js";
import { type GuardedNode, guardedNode, TOKEN } from "../fixtures/guarded-node.js";
import { runTasks } from "../fixtures/run-tasks.js";

let guarded: GuardedNode;
beforeAll(async () => {
  guarded = await guardedNode();
});
afterAll(() => guarded.stop());

describe.concurrent("the program itself", () => {
  test("reaches a node through a proxy command", async () => {
    const command = `'${process.execPath}' '${RELAY}' 127.0.0.1 ${guarded.node.port} %h %p %n`;
    const run = await runTasks(["modules", "-h", "10.1.2.3", "-p", "4711", "--proxy-command", command]);
    expect(run).toEqual({ code: 0, stdout: "compaction\n", stderr: "" });
  });

  test("reaches a node behind an agent; the token is from the environment, and the path of the URL is a prefix", async () => {
    const env = { TASKS_TOKEN: TOKEN, TASKS_URL: `${guarded.agent.url}/prefix/`, TASKS_CA: tlsFile("ca.pem") };
    expect(await runTasks(["modules"], { env })).toEqual({ code: 0, stdout: "prefixed\n", stderr: "" });
  });

  test("ends, and its mock with it, where the connection cannot be opened", async () => {
    const run = await runTasks(["--mock", "modules", "--token-file", "/nonexistent"]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("cannot read '/nonexistent'");
  });

  test("knows option > environment > context > default, each shown with its source", async () => {
    const env = {
      TASKS_CONFIG: await guarded.fileOf(
        "a.yaml",
        "current: c\ncontexts:\n  c: {host: ctx, port: 1, concurrency: 3}\n",
      ),
      TASKS_PORT: "2",
    };
    const run = await runTasks(["context", "show", "--effective", "--json", "--node-timeout", "5s"], { env });
    const rows: { option: string; value: string; source: string }[] = JSON.parse(run.stdout);
    const shown = Object.fromEntries(rows.map(({ option, value, source }) => [option, `${value} ${source}`]));
    expect(shown).toMatchObject({
      host: "ctx context",
      port: "2 env",
      concurrency: "3 context",
      "node-timeout": "5s cli",
      "request-timeout": "60s default",
    });
  });
});
