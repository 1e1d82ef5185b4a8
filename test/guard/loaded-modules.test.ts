import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/commands.js";
import { type ProgramPart, programParts } from "../fixtures/program-parts.js";
import { runTasks } from "../fixtures/run-tasks.js";
import { jsonAnswer, type ScriptedServer, scriptedServer } from "../fixtures/scripted-server.js";

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";
const RECORDER = fileURLToPath(new URL("./load-recorder.cjs", import.meta.url));
const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));

/** Too heavy for a command that does not need it. */
const HEAVY_PACKAGES = ["chalk", "cli-table3", "prom-client", "ora", "yaml", "valibot", "fastify", "zod", "undici"];

/** They are in the file that every command loads: a file of its own would take longer to load than the command does. */
const SMALL_COMMANDS = ["drain", "modules", "status", "ttl", "user-ttl"];

/** Commands that load more than 180,000 bytes in seven files: to load a file takes half a millisecond, a kilobyte a thirtieth of one. */
const LARGER: Readonly<Record<string, { readonly most: number; readonly parts: number }>> = {
  timeline: { most: 214_000, parts: 9 },
  compare: { most: 226_000, parts: 10 },
  // Both may look at earlier runs, and a start also finds the task of a call that waits.
  wait: { most: 222_000, parts: 8 },
  abort: { most: 224_000, parts: 9 },
  start: { most: 258_000, parts: 9 },
};

const ANSWERS: readonly (readonly [RegExp, unknown])[] = [
  [/list_modules/, ["m"]],
  [/endpoint\/live/, ["127.0.0.1"]],
  [/list_|recursive|endpoint/, []],
  [/ttl/, 10],
];

let server: ScriptedServer;
let folder: string;
let parts: Map<string, ProgramPart>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "guard-"));
  parts = await programParts();
  server = await scriptedServer((request, response) => {
    const { url = "" } = request;
    const [, answer] = ANSWERS.find(([pattern]) => pattern.test(url)) ?? [undefined, {}];
    jsonAnswer(answer)(request, response);
  });
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

interface Loaded {
  /** Modules of Node's. */
  readonly builtins: readonly string[];
  /** Files of the bundle, as the build names them. */
  readonly files: readonly string[];
  /** Sources and packages in those files. */
  readonly holds: readonly string[];
  /** Bytes of those files. */
  readonly bytes: number;
}

async function loadedBy(...args: string[]): Promise<Loaded> {
  const record = join(folder, args.join("_").replace(/[^\w-]/g, "_"));
  await runTasks(args, { env: { NODE_OPTIONS: `--require=${RECORDER}`, GUARD_RECORD: record } });
  const names = (await readFile(record, "utf8")).split("\n");
  const files = names.filter((name) => name.startsWith(DIST)).map((name) => relative(DIST, name));
  const loaded = files.map((name) => {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`${name} is no file of this build: npm run build`);
    return part;
  });
  return {
    builtins: names.filter((name) => name.startsWith("node:")),
    files,
    holds: loaded.flatMap(({ holds }) => holds).sort(),
    bytes: loaded.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

const at = () => ["--url", server.url];

const startingWith = (names: readonly string[], prefix: RegExp) => names.filter((name) => prefix.test(name));

test("the build has every heavy package, so that its absence from a run says something", () => {
  const held = new Set([...parts.values()].flatMap(({ holds }) => holds));
  expect(HEAVY_PACKAGES.filter((name) => !held.has(name))).toEqual(["undici"]);
});

test("no part is large but the mock, and the server of the Model Context Protocol", () => {
  const isKnown = (holds: readonly string[]) =>
    holds.includes("fastify") || holds.includes("@modelcontextprotocol/server");
  const large = [...parts.values()].filter(({ bytes, holds }) => bytes > 150_000 && !isKnown(holds));
  expect(large).toEqual([]);
});

test("each file in commands/ is the command of its name", async () => {
  const files = await readdir(new URL("../../src/commands/", import.meta.url));
  expect(files.sort()).toEqual([...COMMANDS.summaries.keys()].map((name) => `${name}.ts`).sort());
});

describe.concurrent("what a command loads", () => {
  test("completion that asks no node: what it knows of commands, and nothing that runs one", async () => {
    const { builtins, holds } = await loadedBy("__complete", "zsh", "list", "--st");
    expect(startingWith(holds, /^src\/(client\/[^e]|nodes|waiting|mock|commands\/|cli\/registry)/)).toEqual([]);
    expect(holds).toContain("src/command-table.ts");
    expect(startingWith(builtins, /:(http|https|net|tls|child_process|fs\/promises|readline)/)).toEqual([]);
  });

  test.each([[["--version"]], [["--help"]], [["help"]]])("%j: the entry alone", async (args) => {
    const { builtins, holds, bytes } = await loadedBy(...args);
    expect(holds.filter((name) => name === "commander" || /^src\/(client|nodes|format)\//.test(name))).toEqual([]);
    expect(startingWith(builtins, /:(http|https|net|tls|child_process|fs\/promises|readline)/)).toEqual([]);
    expect(bytes).toBeLessThan(20_000);
  });

  test("a typing error: what every command loads, and nothing else", async () => {
    const { builtins, files, bytes } = await loadedBy("lst");
    expect(files).toEqual(["chunks/run.cjs", "tasks.cjs"]);
    expect(startingWith(builtins, /:(https|tls|child_process|fs\/promises|readline)/)).toEqual([]);
    expect(bytes).toBeLessThan(165_000);
  });

  test.each([
    [["modules"]],
    [["status", ID]],
    [["tree", ID]],
    [["tree", ID, "--json", "--nested"]],
    [["explain", ID]],
    [["timeline", ID]],
    [["compare", ID, ID]],
    [["ttl"]],
    [["user-ttl"]],
    [["drain", "--module", "m"]],
    [["list", "m"]],
    [["list", "--all"]],
    [["list", "m", "--all-nodes"]],
    [["list", "m", "-o", "csv"]],
    [["list", "m", "-o", "ndjson"]],
    [["list", "m", "-o", "name"]],
    [["list", "m", "--count"]],
    [["list", "m", "--state", "running"]],
    [["list", "m", "--sort", "state", "--fields", "task_id,state", "--limit", "1"]],
    [["status", ID, "--json"]],
    [["wait", ID]],
    [["abort", ID, "--json"]],
    [["start", "cleanup", "shop"]],
    [["doctor"]],
    [["version"]],
  ])(
    "%j, into a pipe: no heavy package, no view of a terminal, no mock, and little more than it needs",
    async (args) => {
      const { builtins, files, holds, bytes } = await loadedBy(...at(), ...args);
      expect(holds.filter((name) => HEAVY_PACKAGES.includes(name))).toEqual([]);
      const [name = ""] = args;
      expect(startingWith(holds, /^src\/(mock\/|format\/terminal\/.*-view)/)).toEqual([]);
      const slow = startingWith(builtins, /:(https|tls|crypto|child_process|fs\/promises|readline)/);
      // A trace has hashes, and an abort and a start may ask for confirmation.
      const ownSlow = name === "timeline" ? ["node:crypto"] : ["node:readline/promises"];
      expect(slow).toEqual(["timeline", "abort", "start"].includes(name) ? ownSlow : []);
      const commands = startingWith(holds, /^src\/commands\//);
      const own = SMALL_COMMANDS.includes(name) ? [] : [name];
      expect(commands).toEqual([...SMALL_COMMANDS, ...own].sort().map((each) => `src/commands/${each}.ts`));
      // What many nodes need is a file of its own.
      const isOfMany = args.includes("--all-nodes") || name === "doctor";
      const { most = isOfMany ? 188_000 : 180_000, parts = 7 } = LARGER[name] ?? {};
      expect(bytes).toBeLessThan(most);
      expect(files.length).toBeLessThanOrEqual(parts + Number(isOfMany));
      expect(holds.includes("src/nodes/many-nodes.ts")).toBe(isOfMany);
    },
  );
});
