import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runTasks } from "../fixtures/run-tasks.js";
import { jsonAnswer, type ScriptedServer, scriptedServer } from "../fixtures/scripted-server.js";

const RECORDER = fileURLToPath(new URL("./load-recorder.cjs", import.meta.url));
const CHUNKS = fileURLToPath(new URL("../../dist/chunks/", import.meta.url));

/** Recognises each package that is too heavy for a command that does not need it, by what stands in no other chunk. */
const HEAVY_PACKAGES: Readonly<Record<string, RegExp>> = {
  "cli-table3": /hAlign/,
  chalk: /bgBlackBright/,
  ora: /simpleDotsScrolling/,
  undici: /UND_ERR_INVALID_ARG/,
  yaml: /YAMLParseError/,
  valibot: /~run/,
  fastify: /FST_ERR_/,
};

const ANSWERS: readonly (readonly [RegExp, unknown])[] = [
  [/list_modules/, ["m"]],
  [/endpoint\/live/, ["127.0.0.1"]],
  [/list_|recursive|endpoint/, []],
  [/ttl/, 10],
];

let server: ScriptedServer;
let folder: string;
/** The packages of each chunk that holds some. */
const heavyChunks = new Map<string, string[]>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "guard-"));
  server = await scriptedServer((request, response) => {
    const { url = "" } = request;
    const [, answer] = ANSWERS.find(([pattern]) => pattern.test(url)) ?? [undefined, {}];
    jsonAnswer(answer)(request, response);
  });
  for (const chunk of (await readdir(CHUNKS)).filter((name) => name.endsWith(".cjs"))) {
    const text = await readFile(join(CHUNKS, chunk), "utf8");
    const packages = Object.keys(HEAVY_PACKAGES).filter((name) => HEAVY_PACKAGES[name]?.test(text));
    if (packages.length > 0) heavyChunks.set(chunk, packages);
  }
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** The built-in modules of Node and the chunks of the bundle that a command loads. */
async function loadedBy(...args: string[]): Promise<string[]> {
  const record = join(folder, args.join("_").replace(/[^\w-]/g, "_"));
  await runTasks(args, { env: { NODE_OPTIONS: `--require=${RECORDER}`, GUARD_RECORD: record } });
  return (await readFile(record, "utf8")).split("\n");
}

const at = () => ["--url", server.url];

/** What every run needs, help and version included. */
const BASE = ["./compile-cache.js", "node:events", "node:fs", "node:path", "node:process", "node:vm", "tasks.cjs"];
/** What the way to a node needs beside that. */
const WAY = ["asking.cjs", "http-engine.cjs", "node:http", "node:net"];

const without = (loaded: readonly string[], known: readonly string[]) => loaded.filter((name) => !known.includes(name));

describe.concurrent("what a command loads", () => {
  test.each([
    [["--version"], []],
    [["--help"], []],
    [["lst"], []],
    [["help", "list"], ["asking.cjs"]],
    [["list", "--help"], ["asking.cjs"]],
    [["list", "--nope"], ["asking.cjs"]],
    [
      ["wait", "--nope"],
      ["asking.cjs", "waiting.cjs"],
    ],
  ])("%j: the program itself, and %j", async (args, more) => {
    expect(without(await loadedBy(...args), BASE)).toEqual(more);
  });

  test.each([
    [["modules"], []],
    [["status", "x"], []],
    [["tree", "x"], []],
    [["ttl"], []],
    [["user-ttl"], []],
    [["drain", "m"], []],
    [["list", "m"], []],
    [["list", "--all"], []],
    [["wait", "x"], ["waiting.cjs"]],
    [["abort", "x"], ["waiting.cjs"]],
    [["status", "x", "--json"], []],
    [["list", "m", "-o", "csv"], []],
    [["list", "m", "-o", "ndjson"], []],
    [["list", "m", "-o", "name"], []],
  ])("%j: the way to a node, and %j", async (args, more) => {
    expect(without(await loadedBy(...at(), ...args), [...BASE, ...WAY])).toEqual(more);
  });

  test("every heavy package is recognised, so that its absence says something", () => {
    const found = new Set([...heavyChunks.values()].flat());
    expect([...found].sort()).toEqual(Object.keys(HEAVY_PACKAGES).sort());
  });

  test.each([
    [["list", "m", "--sort", "state", "--fields", "task_id,state", "--limit", "1"]],
    [["list", "m", "--count"]],
    [["list", "m", "--state", "running"]],
    [["list", "m", "--all-nodes"]],
    [["tree", "x", "--json", "--nested"]],
    [["explain", "x"]],
    [["doctor"]],
    [["start", "cleanup", "shop"]],
    [["abort", "x", "--json"]],
  ])("%j, into a pipe: no heavy package", async (args) => {
    const packages = (await loadedBy(...at(), ...args)).flatMap((name) => heavyChunks.get(name) ?? []);
    expect(packages).toEqual([]);
  });
});
