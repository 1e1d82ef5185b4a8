import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { commandTable } from "../../src/command-table.js";
import { splitLine } from "../../src/completion/bash-words.js";
import type { CommandTable } from "../../src/completion/command-entry.js";
import { complete } from "../../src/completion/complete.js";
import { systemClock } from "../../src/runtime/clock.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { jsonAnswer, type ScriptedServer, scriptedServer } from "../fixtures/scripted-server.js";

let table: CommandTable;
let server: ScriptedServer;
let asked: string[] = [];
let isTimeOver = false;
beforeAll(async () => {
  table = await commandTable();
  server = await scriptedServer((request, response) => {
    const { method, url = "" } = request;
    asked.push(`${method} ${url}`);
    const { pathname } = new URL(url, "http://node");
    const tasks = [
      { task_id: "11111111-0000-4000-8000-000000000000", type: "major compaction", state: "running", keyspace: "shop" },
      { task_id: "22222222-0000-4000-8000-000000000000", type: "rebuild", state: "failed" },
    ];
    const answers = new Map<string, unknown>([
      ["/task_manager/list_modules", ["compaction", "own_module"]],
      ["/task_manager/list_module_tasks/compaction", tasks],
      [
        "/column_family/",
        [
          { ks: "shop", cf: "orders" },
          { ks: "other", cf: "logs" },
        ],
      ],
      ["/gossiper/endpoint/live/", ["10.0.0.1", "10.0.0.2"]],
    ]);
    jsonAnswer(answers.get(pathname) ?? [])(request, response);
  });
});
afterAll(() => server.stop());

/** On the machine's clock, unless the time that completion takes is over at once. */
async function answerOf(shell: string, ...args: string[]): Promise<string[]> {
  const { runtime, written } = fakeRuntime({ env: { TASKS_COMPLETION_TIMEOUT: "1m" } });
  asked = [];
  await complete([shell, ...args], isTimeOver ? runtime : { ...runtime, clock: systemClock }, table);
  expect(written.stderr).toBe("");
  return written.stdout.split("\n").slice(0, -1);
}

/** The suggestions without their descriptions. */
const valuesOf = async (...words: string[]) =>
  (await answerOf("zsh", ...words)).slice(1).map((line) => line.split("\t")[0]);

const atNode = (...words: string[]) => valuesOf("--url", server.url, ...words);

describe("completion without a node", () => {
  test("every command and every operation with its summary", async () => {
    expect(await answerOf("fish", "")).toContain("list\tlist the tasks of a module");
    expect(await answerOf("fish", "start", "rem")).toEqual(["words", expect.stringMatching(/^removenode\t\w/)]);
    expect(await valuesOf("help", "us")).toEqual(["user-ttl"]);
    expect(await valuesOf("context", "")).toContain("rename");
  });

  test("the options of a command before those of the program; hidden ones never", async () => {
    const options = await valuesOf("list", "--");
    expect(options[0]).toBe("--all");
    expect(options).toContain("--host");
    expect(options).not.toContain("--password");
    expect(options).not.toContain("--id");
  });

  test.each([
    [["-o", "nd"], ["ndjson"]],
    [["--output=y"], ["--output=yaml"]],
    [["-onam"], ["-oname"]],
    [["list", "--state", "done,!fa"], ["done,!failed"]],
    [["list", "--sort", "-start"], ["-start_time"]],
    [["--release", "2026.4"], ["2026.4"]],
    [["--mock", "--scenario", "sto"], ["storm"]],
    [["start", "scrub", "--mode", "SEG"], []],
    [["list", "-ks", "x", "comp"], ["compaction"]],
    [["completion", "z"], ["zsh"]],
    [["list", "--", "--a"], []],
  ])("%j", async (words, values) => {
    expect(await valuesOf("--url", "http://127.0.0.1:1", ...words)).toEqual(values);
  });

  test("files are completed by the shell", async () => {
    expect((await answerOf("zsh", "--token-file", "x"))[0]).toBe("files");
    expect((await answerOf("zsh", "--scenario", "x"))[0]).toBe("files");
    expect((await answerOf("zsh", "--state", "x"))[0]).toBe("words");
  });

  test("a mistake, and a node that does not answer, give no suggestions and no message", async () => {
    for (const words of [
      ["--port", "x"],
      ["--url", "nonsense"],
      ["--url", "http://127.0.0.1:1"],
      ["--context", "no"],
    ]) {
      expect(await valuesOf(...words, "wait", "")).toEqual([]);
    }
  });
});

describe("completion from a node", () => {
  test.each([
    [["list", "own"], ["own_module"], ["GET /task_manager/list_modules"]],
    [["list", "compaction", "--type", "maj"], ["major compaction"], ["GET /task_manager/list_module_tasks/compaction"]],
    [["wait", "--module", "compaction", "--table", "or"], ["orders"], ["GET /column_family/"]],
    [["start", "cleanup", "shop", ""], ["orders"], ["GET /column_family/"]],
    [["--host", ""], ["10.0.0.1", "10.0.0.2"], ["GET /gossiper/endpoint/live/"]],
  ])("%j: one request", async (words, values, requests) => {
    expect(await atNode(...words)).toEqual(values);
    expect(asked).toEqual(requests);
  });

  test("ids with descriptions: running tasks for wait, failed ones for explain; only lists are requested", async () => {
    expect(await answerOf("zsh", "--url", server.url, "wait", "")).toEqual([
      "words",
      "11111111-0000-4000-8000-000000000000\tmajor compaction, running, shop",
    ]);
    expect(asked.every((request) => request.startsWith("GET /task_manager/list_module_tasks/"))).toBe(true);
    expect(await atNode("explain", "")).toEqual(["22222222-0000-4000-8000-000000000000"]);
    expect(await atNode("status", "")).toHaveLength(2);
    expect(await atNode("wait", "11111111-0000-4000-8000-000000000000", "1")).toEqual([]);
  });

  test("from the mock, too", async () => {
    expect(await valuesOf("--mock", "start", "repair", "sh")).toEqual(["shop"]);
  });

  test("a proxy command is not run", async () => {
    const proxy = `touch made; exec nc 127.0.0.1 ${server.port}`;
    expect(await atNode("--proxy-command", proxy, "list", "own")).toEqual([]);
    expect(asked).toEqual([]);
  });

  test("a node that takes too long is not waited for", async () => {
    const silent = await scriptedServer(() => {});
    isTimeOver = true;
    try {
      expect(await valuesOf("--url", silent.url, "list", "comp")).toEqual(["compaction"]);
    } finally {
      isTimeOver = false;
      await silent.stop();
    }
  });
});

test("bash: only the end of a word is replaced, as it is quoted; descriptions are for lists", async () => {
  const bash = async (line: string, replaced: string, way = "9") =>
    (await answerOf("bash", `tasks --url ${server.url} ${line}`, replaced, way, "80")).slice(1);
  expect(await bash("--output=js", "js")).toEqual(["json"]);
  expect(await bash("list compaction --type maj", "maj")).toEqual(["major\\ compaction"]);
  expect(await bash("list compaction --type 'maj", "maj")).toEqual(["major compaction"]);
  expect(await bash("tt", "tt")).toEqual(["ttl"]);
  expect(await bash("context re", "re", "63")).toEqual(["remove  (remove a context)", "rename  (rename a context)"]);
});

test("a line is split as bash splits it, and nothing is evaluated", () => {
  const texts = (line: string) => splitLine(line).map(({ text }) => text);
  expect(texts("tasks  list ")).toEqual(["tasks", "list", ""]);
  expect(texts(`a\\ b 'c "d' "e \\"f\\x" $(touch x) g`)).toEqual(["a b", 'c "d', 'e "f\\x', "$(touch", "x)", "g"]);
  expect(splitLine(`tasks "a b`).at(-1)).toEqual({ text: "a b", quote: '"' });
});

describe("what completion reads", () => {
  test("contexts of the configuration, but not for a new name", async () => {
    const directory = mkdtempSync(join(tmpdir(), "completion-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, "config.yaml");
    writeFileSync(file, "contexts: {prod: {port: 1}, test: {port: 2}}\n", { mode: 0o600 });
    const answers = async (env: Record<string, string>, ...words: string[]) => {
      const { runtime, written } = fakeRuntime({ env });
      await complete(["zsh", ...words], runtime, table);
      return written.stdout.split("\n").slice(1, -1);
    };
    const env = { TASKS_CONFIG: file };
    expect(await answers(env, "--context", "p")).toEqual(["prod"]);
    expect(await answers(env, "context", "use", "")).toEqual(["prod", "test"]);
    expect(await answers(env, "context", "add", "p")).toEqual([]);
    expect(await answers({ TASKS_CONFIG: directory }, "--context", "")).toEqual([]);
  });

  test.each([["bash"], ["zsh"], ["fish"]])("the script of %s is printed", async (shell) => {
    const run = await runInProcess(["completion", shell]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(new RegExp(`^#.*for ${shell}\\.$`, "m"));
    expect(run.stdout).toContain("__complete");
  });

  test("host ids for the removal of a node, with their addresses", async () => {
    const hosts = await scriptedServer({
      "/storage_service/host_id": jsonAnswer([{ key: "10.0.0.3", value: "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f" }]),
    });
    expect((await answerOf("zsh", "--url", hosts.url, "start", "removenode", "")).slice(1)).toEqual([
      "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f\t10.0.0.3",
    ]);
    await hosts.stop();
    expect((await answerOf("zsh", "--url", hosts.url, "start", "removenode", "")).slice(1)).toEqual([]);
  });
});
