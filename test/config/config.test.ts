import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configFile } from "../../src/config/location.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { jsonAnswer, type ScriptedServer, scriptedServer } from "../fixtures/scripted-server.js";

let folder: string;
let server: ScriptedServer;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-"));
  server = await scriptedServer(jsonAnswer(["compaction"]));
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** A folder of its own with a configuration. */
async function configOf(text?: string, mode = 0o600): Promise<string> {
  const file = join(folder, String(count++), "config.yaml");
  await mkdir(join(file, ".."), { mode: 0o700 });
  if (text !== undefined) {
    await writeFile(file, text);
    await chmod(file, mode);
  }
  return file;
}

const withConfig = (file: string, ...args: string[]) => runInProcess(args, { TASKS_CONFIG: file });

describe.concurrent("contexts are managed", () => {
  test("added with the options as they are typed, used, renamed and removed", async () => {
    const file = await configOf();
    expect(await withConfig(file, "context", "add", "one", "--url", server.url, "--node-timeout", "5s")).toEqual({
      code: 0,
      stdout: "Added context 'one'. To use it: tasks context use one\n",
      stderr: "",
    });
    expect(await readFile(file, "utf8")).toContain("node-timeout: 5s");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await withConfig(file, "context", "add", "a b", "-p", "1")).toMatchObject({
      stdout: "Added context 'a b'. To use it: tasks context use 'a b'\n",
    });
    expect(await withConfig(file, "context", "remove", "a b")).toMatchObject({ code: 0 });
    expect(await withConfig(file, "context", "use", "one")).toMatchObject({ stdout: "Switched to context 'one'.\n" });
    expect(await withConfig(file, "modules")).toMatchObject({ code: 0, stdout: "compaction\n" });
    expect(await withConfig(file, "context", "rename", "one", "two")).toMatchObject({ code: 0 });
    expect((await withConfig(file, "context", "list")).stdout).toBe("name current\ntwo  true   \n");
    expect((await withConfig(file, "context", "remove", "two")).stdout).toBe(
      "Removed context 'two'. No context is current now.\n",
    );
    expect((await withConfig(file, "context", "list", "--json")).stdout).toBe("[]\n");
  });

  test("added with switches, which hold when it is used", async () => {
    const file = await configOf();
    const add = ["context", "add", "one", "-a", "--insecure", "--no-header", "--node-map", "a=1", "--node-map", "b=2"];
    expect(await withConfig(file, ...add)).toMatchObject({ code: 0 });
    expect(await withConfig(file, "context", "show", "one", "-o", "csv")).toMatchObject({
      stdout: 'option,value\r\nall-nodes,true\r\ninsecure,true\r\nno-header,true\r\nnode-map,"a=1,b=2"\r\n',
    });
  });

  test.each(["--mock", "--no-all-nodes", "--context=b", "-Dx=y"])(
    "never added with %s, which it cannot have",
    async (option) => {
      const file = await configOf("contexts: {b: {}}\n");
      const run = await withConfig(file, "context", "add", "a", "-p", "1", option);
      expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("a context cannot contain option '--") });
      expect(await readFile(file, "utf8")).not.toContain("a:");
    },
  );

  test("shown with all options in effect, as they can be typed, and where each comes from", async () => {
    const file = await configOf(`contexts: {a: {url: "${server.url}", node-timeout: 1m30s, token: secret}}\n`);
    const run = await withConfig(file, "context", "show", "a", "--effective", "--json", "--deadline", "0.5s");
    expect(JSON.parse(run.stdout)).toEqual(
      expect.arrayContaining([
        { option: "node-timeout", value: "90s", source: "context" },
        { option: "request-timeout", value: "60s", source: "default" },
        { option: "deadline", value: "0.5s", source: "cli" },
        { option: "max-response", value: "512MB", source: "default" },
        { option: "token", value: "********", source: "context" },
      ]),
    );
  });

  test("a name that is taken, is not there, or says nothing, is refused", async () => {
    const file = await configOf("contexts: {a: {port: 1}, b: {}}\n");
    for (const [args, message] of [
      [["add", "a", "-p", "1"], "context 'a' already exists"],
      [["add", "c"], "give the options of the context"],
      [["remove", "c"], "no context 'c'"],
      [["rename", "a", "b"], "context 'b' already exists"],
      [["use", "constructor"], "no context 'constructor'"],
    ] as const) {
      const run = await withConfig(file, "context", ...args);
      expect([run.code, run.stderr]).toEqual([1, expect.stringContaining(message)]);
    }
  });

  test("a current context that is renamed stays the current one", async () => {
    const file = await configOf("current: a\ncontexts: {a: {port: 1}, b: {port: 2}}\n");
    expect(await withConfig(file, "context", "rename", "a", "c")).toMatchObject({ code: 0 });
    expect((await withConfig(file, "context", "list")).stdout).toBe("name current\nc    true   \nb    false  \n");
  });

  test("another that is renamed or removed changes nothing of the current one", async () => {
    const file = await configOf("current: a\ncontexts: {a: {port: 1}, b: {port: 2}}\n");
    expect(await withConfig(file, "context", "rename", "b", "c")).toMatchObject({ code: 0 });
    expect((await withConfig(file, "context", "remove", "c")).stdout).toBe("Removed context 'c'.\n");
    expect((await withConfig(file, "context", "list")).stdout).toBe("name current\na    true   \n");
  });

  test("there is no place for one without a home", async () => {
    const run = await runInProcess(["context", "add", "a", "-p", "1"], { TASKS_CONFIG: "" });
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("no place for a configuration file: set HOME or TASKS_CONFIG");
  });

  test("shown without a file, each option has its default", async () => {
    const run = await withConfig("/nonexistent", "context", "show", "--effective", "-o", "csv");
    expect(run.stdout).toContain("host,localhost,default\r\n");
    expect(run.stdout).toContain("port,10000,default\r\n");
  });

  test("whoever looks at a terminal sees the context that is used", async () => {
    const file = await configOf(`current: prod\ncontexts: {prod: {url: "${server.url}"}}\n`);
    const run = await runInProcess(["modules", "--flat"], { TASKS_CONFIG: file }, { isTerminal: true });
    expect(run).toEqual({ code: 0, stdout: "compaction\n", stderr: "context: prod\n" });
  });
});

describe.concurrent("a configuration is refused", () => {
  const refusal = async (file: string) => {
    const run = await withConfig(file, "--url", server.url, "modules");
    expect([run.code, run.stdout]).toEqual([1, ""]);
    return run.stderr;
  };

  test("that others can write, or whose folder they can write", async () => {
    const file = await configOf("contexts: {}\n", 0o622);
    expect(await refusal(file)).toContain(`${file} can be written by other users: run \`chmod go-w`);
    await chmod(file, 0o600);
    await chmod(join(file, ".."), 0o777);
    expect(await refusal(file)).toContain(`${join(file, "..")} can be written by other users`);
  });

  test("with a folder above it that others can write, up to the home of its user", async () => {
    const file = await configOf("contexts: {}\n");
    const below = join(file, "..", "below");
    await mkdir(below, { mode: 0o700 });
    const deep = join(below, "config.yaml");
    await rename(file, deep);
    await chmod(join(below, ".."), 0o777);
    expect(await refusal(deep)).toContain(`${join(below, "..")} can be written by other users`);
    // As /tmp is: what is in it can be replaced by its owner alone.
    await chmod(join(below, ".."), 0o1777);
    expect(await withConfig(deep, "--url", server.url, "modules")).toMatchObject({ code: 0 });
    // The group of the user alone, as many systems have it.
    await chmod(join(below, ".."), 0o770);
    const { uid, gid } = userInfo();
    expect(await withConfig(deep, "--url", server.url, "modules")).toMatchObject({ code: uid === gid ? 0 : 1 });
  });

  test("whose link leads to such a folder, or nowhere", async () => {
    const target = await configOf("contexts: {}\n");
    await chmod(join(target, ".."), 0o777);
    const link = await configOf();
    await symlink(target, link);
    expect(await refusal(link)).toContain("can be written by other users");
  });

  test("that is a folder or a device", async () => {
    const file = await configOf();
    await mkdir(file);
    expect(await refusal(file)).toContain("is not a regular file");
    expect(await refusal("/dev/null")).toContain("is not a regular file");
  });

  test("that names an unknown context by a word that every object knows", async () => {
    for (const word of ["hasOwnProperty", "__proto__", "constructor"]) {
      expect(await refusal(await configOf(`current: ${word}\n`))).toContain(`no context '${word}'`);
    }
  });

  test("in which a key stands twice", async () => {
    expect(await refusal(await configOf("contexts:\n  a: {}\n  a: {}\n"))).toContain("line 3: duplicate key 'a'");
  });

  test("of a few lines that unfold without end", async () => {
    const lines = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [from, to] of ["ab", "bc", "cd", "de", "ef"]) lines.push(`${to}: &${to} [${`*${from},`.repeat(9)}]`);
    const file = await configOf(lines.join("\n"));
    expect(await refusal(file)).toContain(`${file}: Excessive alias count`);
  });

  test("that is nested without end, or is larger than any that somebody wrote", async () => {
    expect(await refusal(await configOf(`contexts: ${"[".repeat(100_000)}`))).toContain("it is nested too deeply");
    expect(await refusal(await configOf(`contexts: {}\n${"#".repeat(1_000_000)}`))).toContain("is larger than 1 MB");
  });
});

test("50,000 contexts are read", async () => {
  const entries = Array.from({ length: 50_000 }, (_, index) => `  c${index}: {}`);
  const file = await configOf(`contexts:\n${entries.join("\n")}\n`);
  const { code, stdout } = await withConfig(file, "context", "list", "-o", "name");
  expect([code, stdout.length]).toEqual([0, entries.join("\n").length + 1 - 6 * entries.length]);
});

test("a relative path of XDG is ignored", () => {
  expect(configFile({ XDG_CONFIG_HOME: "here", HOME: "/home/me" })).toBe("/home/me/.config/scylla-tasks/config.yaml");
  expect(configFile({ XDG_CONFIG_HOME: "/xdg", HOME: "/home/me" })).toBe("/xdg/scylla-tasks/config.yaml");
  expect(configFile({ HOME: "here" })).toBeUndefined();
});
