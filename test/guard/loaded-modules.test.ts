import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TASKS } from "../fixtures/run-tasks.js";
import { jsonAnswer, type ScriptedServer, scriptedServer } from "../fixtures/scripted-server.js";

const run = promisify(execFile);

/** Written to a file of its own through an environment variable: prints at exit what was loaded, one name a line. */
const RECORDER = `
const Module = require("node:module");
const load = Module._load;
const loaded = new Set();
Module._load = function (request, ...rest) {
  loaded.add(String(request).replace(/^.*\\/dist\\//, "").replace(/^\\.{1,2}\\/(chunks\\/)?/, ""));
  return load.call(this, request, ...rest);
};
process.on("exit", () => process.stderr.write([...loaded].sort().join("\\n")));
`;

let server: ScriptedServer;

beforeAll(async () => {
  server = await scriptedServer((request, response) => {
    const answer = /list_modules/.test(request.url ?? "") ? ["m"] : /list_|recursive/.test(request.url ?? "") ? [] : {};
    jsonAnswer(answer)(request, response);
  });
});

afterAll(() => server.stop());

/** The modules of Node and the chunks of the bundle that a command loads. */
async function loadedBy(...args: string[]): Promise<string[]> {
  const script = `${RECORDER}; process.argv.splice(1, 0, ${JSON.stringify(TASKS)}); require(${JSON.stringify(TASKS)});`;
  const { stderr } = await run(process.execPath, ["-e", script, "--", ...args]);
  return stderr.split("\n").filter((name) => name !== "" && !name.startsWith("/"));
}

const at = () => ["-h", "127.0.0.1", "-p", String(server.port)];

/** What every run needs, help and version included. */
const BASE = ["node:events", "node:fs", "node:module", "node:path", "node:process", "shared.cjs", "tasks.cjs"];

describe.concurrent("what a command loads", () => {
  test.each([[["--version"]], [["--help"]], [["list", "--help"]]])(
    "%j: the program itself, and nothing else",
    async (args) => {
      expect((await loadedBy(...args)).filter((name) => !BASE.includes(name))).toEqual([]);
    },
  );

  test.each([
    [["modules"], []],
    [["status", "x"], []],
    [["tree", "x"], []],
    [["ttl"], []],
    [["list", "m"], []],
    [["wait", "x"], []],
    [["abort", "x"], []],
    [
      ["list", "m", "--json"],
      ["json.cjs", "json-text.cjs"],
    ],
    [
      ["list", "m", "-o", "csv"],
      ["csv.cjs", "json-text.cjs"],
    ],
    [
      ["list", "m", "-o", "ndjson"],
      ["ndjson.cjs", "json-text.cjs"],
    ],
  ])("%j: the way to a node, and %j", async (args, more) => {
    const loaded = await loadedBy(...at(), ...args);
    const known = new Set([...BASE, "connection.cjs", "http-engine.cjs", "node:http", "node:net", ...more]);
    expect(loaded.filter((name) => !known.has(name))).toEqual([]);
    for (const name of more) expect(loaded).toContain(name);
  });
});

describe("the bundle", () => {
  test("stays small where every run pays for it", () => {
    const size = (name: string) => statSync(new URL(`../../dist/${name}`, import.meta.url)).size;
    expect(size("tasks.cjs")).toBeLessThan(140_000);
    expect(size("chunks/connection.cjs")).toBeLessThan(30_000);
    expect(size("chunks/http-engine.cjs")).toBeLessThan(5_000);
  });
});
