import { existsSync } from "node:fs";
import { chmod, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tlsFile } from "../fixtures/agent-proxy.js";
import { type GuardedNode, guardedNode, TOKEN } from "../fixtures/guarded-node.js";
import { runInProcess } from "../fixtures/run-in-process.js";

let guarded: GuardedNode;
beforeAll(async () => {
  guarded = await guardedNode();
});
afterAll(() => guarded.stop());

describe.concurrent("contexts", () => {
  const contexts = async (name: string, text: string, mode?: number) => ({
    TASKS_CONFIG: await guarded.fileOf(name, text, mode),
  });

  test("the chosen one is used, and a host on the command line beats its URL", async () => {
    const env = await contexts("b.yaml", `contexts:\n  one:\n    url: ${guarded.node.url}\n`);
    expect(await runInProcess(["modules", "--context", "one"], env)).toMatchObject({ code: 0, stdout: "compaction\n" });
    const run = await runInProcess(["modules", "--context", "one", "-h", "127.0.0.1", "-p", "1"], env);
    expect(run.stderr).toContain("cannot reach http://127.0.0.1:1 ");
    const defined = await runInProcess(["modules", "--context", "one", "-Dcom.scylladb.apiPort=1"], env);
    expect(defined.stderr).toContain("cannot reach http://localhost:1 ");
  });

  test("a token of the environment wins over a context's file, and a file on the command line over both", async () => {
    const text = `current: a\ncontexts:\n  a: {url: "${guarded.agent.url}", ca: ${tlsFile("ca.pem")}, token-file: ${guarded.tokenFile}}\n`;
    const env = { ...(await contexts("e.yaml", text)), TASKS_TOKEN: "wrong" };
    expect(await runInProcess(["modules"], env)).toMatchObject({ code: 4 });
    const shown = await runInProcess(["context", "show", "--effective"], env);
    expect(shown.stdout).toMatch(/^token +\*+ +env *$/m);
    expect(shown.stdout).not.toContain("token-file");
    expect(await runInProcess(["modules", "--token-file", guarded.tokenFile], env)).toMatchObject({ code: 0 });
    expect(await runInProcess(["modules"], { ...env, TASKS_TOKEN: "" })).toMatchObject({ code: 0 });
  });

  test.skipIf(!existsSync("/proc"))("where none can be written, the message names the file", async () => {
    const file = "/proc/tasks.yaml";
    const run = await runInProcess(["context", "add", "a", "--port", "1"], { TASKS_CONFIG: file });
    expect(run).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: cannot write '${file}': ENOENT: no such file or directory\n`,
    });
  });

  test("--context chooses what list and show tell of", async () => {
    const env = await contexts("f.yaml", "current: a\ncontexts:\n  a: {port: 1}\n  b: {port: 2}\n");
    expect((await runInProcess(["--context", "b", "context", "show"], env)).stdout).toMatch(/^port +2 *$/m);
    expect((await runInProcess(["--context", "b", "context", "list"], env)).stdout).toMatch(/^b +true *$/m);
  });

  test("says how to print, to commands that ask no node by themselves too", async () => {
    const text = `current: a\ncontexts:\n  a: {url: "${guarded.node.url}", output: csv, no-header: true}\n`;
    const env = await contexts("g.yaml", text);
    expect((await runInProcess(["doctor"], env)).stdout).toMatch(/^tasks,ok,version [\d.]+,\r\nname,ok,/);
    const shown = await runInProcess(["context", "show", "--effective"], env);
    expect(shown.stdout).toContain("\r\nno-header,true,context\r\n");
  });

  test.each([`a: ${TOKEN}`, `a: {Token: ${TOKEN}}`])("a token in the wrong place is not shown: %s", async (entry) => {
    const env = await contexts(`h${entry.length}.yaml`, `current: a\ncontexts:\n  ${entry}\n`);
    for (const args of [["modules"], ["context", "show"]]) {
      const run = await runInProcess(args, env);
      expect(run.stdout + run.stderr).not.toContain(TOKEN);
    }
  });

  test("use keeps the comments of the file", async () => {
    const env = await contexts("c.yaml", "# mine\ncurrent: a\ncontexts:\n  a: {}\n  b: {}\n");
    expect(await runInProcess(["context", "use", "b"], env)).toEqual({
      code: 0,
      stdout: "Switched to context 'b'.\n",
      stderr: "",
    });
    expect(await readFile(env.TASKS_CONFIG, "utf8")).toMatch(/^# mine\ncurrent: b\n/);
    expect((await runInProcess(["context", "list"], env)).stdout).toBe("name current\na    false  \nb    true   \n");
  });

  test("a file with a token that others can read is refused; its token is never shown", async () => {
    const text = `current: a\ncontexts:\n  a: {token: ${TOKEN}, port: ${guarded.node.port}}\n`;
    const env = await contexts("d.yaml", text, 0o644);
    const refused = await runInProcess(["modules"], env);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("chmod 600");
    await chmod(env.TASKS_CONFIG, 0o600);
    expect(await runInProcess(["modules"], env)).toMatchObject({ code: 0 });
    for (const args of [["show"], ["show", "--effective"]]) {
      const shown = await runInProcess(["context", ...args], env);
      expect(shown.stdout).toContain("********");
      expect(shown.stdout).not.toContain(TOKEN);
    }
  });

  test.each([
    ["current: [", "line 1"],
    ["contexts: 5", "contexts"],
    ["current: x", "no context 'x'"],
    ["current: a\ncontexts: {a: {colour: red}}", "a context cannot contain option 'colour'"],
    ["current: a\ncontexts: {a: {port: many}}", "port: 'many' is invalid. It takes a whole number"],
    ["current: a\ncontexts: {a: {insecure: maybe}}", "insecure takes true or false"],
  ])("%j is a usage error that names the place", async (text, phrase) => {
    const env = await contexts(`${phrase.replace(/\W/g, "")}.yaml`, text);
    const run = await runInProcess(["modules"], env);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(env.TASKS_CONFIG);
    expect(run.stderr).toContain(phrase);
  });
});
