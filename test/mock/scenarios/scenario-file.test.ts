import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startMockCluster } from "../../../src/mock/index.js";
import { builtInScenario, SCENARIO_NAMES } from "../../../src/mock/scenarios/built-in.js";
import { checkScenario } from "../../../src/mock/scenarios/check.js";
import { parseScenario } from "../../../src/mock/scenarios/scenario-file.js";
import { everythingOn, play } from "./played.js";
import { scenarioJsonSchema } from "./scenario-json-schema.js";

const jsonSchemaFile = new URL("../../../schema/scenario.schema.json", import.meta.url);
const manual = new URL("../../../docs/mock.md", import.meta.url);

const task = { type: "repair", scope: "keyspace", module: "repair" };
const child = { type: "repair", scope: "shard" };
const inTask = (more: object) => ({ tasks: [{ ...task, ...more }] });
const inChild = (more: object) => inTask({ children: [{ ...child, ...more }] });

const GOOD: unknown[] = [
  {},
  { $schema: "x", name: "a", description: "", clusterName: "c", nodes: 1000, shards: 1024, ttlSeconds: 0 },
  { userTtlSeconds: 2 ** 32 - 1, keyspaces: [{ name: "a", tables: [] }] },
  inTask({}),
  inTask({ kind: "cluster", afterSeconds: -1, everySeconds: 1, total: 1, finalTotal: 2, completed: 3 }),
  inTask({ keyspace: "", table: "", tables: ["a"], entity: "", units: "", node: 0, shard: 1, each: "table" }),
  inTask({ isAbortable: true, isUserTask: false, isStartedInternally: true, isTransient: true, isSuspended: true }),
  inTask({ copies: 1_000_000, queuedSeconds: 0, runsSeconds: 0.5, expectedTotal: 7, error: "x", children: [] }),
  inTask({ kind: "cluster", entityNode: 2, abortedAfterSeconds: 3, children: [{ ...child, kind: "cluster" }] }),
  { userTtlSeconds: [0, 3600], keyspaces: [{ name: "a", tables: [], replication: "tablets" }] },
  inChild({ module: "other", afterSeconds: 1, children: [child] }),
  { outages: [{ node: 0, afterSeconds: -1, downSeconds: 1, everySeconds: 2 }] },
  {
    faults: [
      { latencyMs: 1 },
      { status: 502, body: "", contentType: "text/plain" },
      { message: "" },
      { isReset: true },
    ],
  },
  {
    faults: [
      { method: "get", path: "/**", node: 1, afterSeconds: 0, forSeconds: 1, count: 1, probability: 0.5, status: 599 },
    ],
  },
  { faults: [{ truncatedAtBytes: 0 }] },
];

const BAD: unknown[] = [
  [],
  "text",
  7,
  { tasks: {} },
  { unknown: 1 },
  { name: "" },
  { nodes: 0 },
  { nodes: 1001 },
  { shards: 1.5 },
  { ttlSeconds: 2 ** 32 },
  { keyspaces: [{ name: "a" }] },
  { keyspaces: [{ name: "a", tables: [""] }] },
  { keyspaces: [{ name: "a", tables: [], more: 1 }] },
  { tasks: [child] },
  inTask({ type: 1 }),
  inTask({ scope: "" }),
  inTask({ kind: "both" }),
  inTask({ each: "day" }),
  inTask({ each: "node", copies: 2 }),
  inTask({ copies: 0 }),
  inTask({ everySeconds: 0 }),
  inTask({ runsSeconds: -1 }),
  inTask({ runsSeconds: "10s" }),
  inTask({ finalTotal: 1 }),
  inTask({ completed: 1 }),
  inTask({ node: -1 }),
  inTask({ error: "" }),
  inTask({ isAbortable: "yes" }),
  inTask({ children: child }),
  inChild({ kind: "cluster" }),
  inTask({ kind: "cluster", children: [{ ...child, children: [{ ...child, kind: "cluster" }] }] }),
  inTask({ entity: "", entityNode: 0 }),
  { userTtlSeconds: [-1] },
  { keyspaces: [{ name: "a", tables: [], replication: "both" }] },
  inChild({ everySeconds: 5 }),
  inChild({ afterSeconds: -1 }),
  inChild({ children: [{ scope: "range" }] }),
  { outages: [{ node: 0 }] },
  { outages: [{ afterSeconds: 0 }] },
  { outages: [{ node: 0, afterSeconds: "soon" }] },
  { faults: [{}] },
  { faults: [{ path: "/**" }] },
  { faults: [{ path: "task_manager", status: 500 }] },
  { faults: [{ status: 99 }] },
  { faults: [{ probability: 1.1, status: 500 }] },
  { faults: [{ count: 0, status: 500 }] },
  { faults: [{ latencyMs: -1 }] },
];

const agrees = (value: unknown) => "value" in checkScenario(value, "x");

describe("the JSON Schema of scenarios", async () => {
  const validate = new Ajv({ strict: true, strictRequired: false, strictTypes: false, allErrors: true }).compile(
    JSON.parse(await readFile(jsonSchemaFile, "utf8")),
  );

  it("is generated from the validator: `npx vitest run -u` on this file updates it", async () => {
    await expect(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      fileURLToPath(jsonSchemaFile),
    );
  });

  it.each(GOOD.map((value) => [value]))("and the validator accept %j", (value) => {
    expect([validate(value), agrees(value)]).toEqual([true, true]);
  });

  it.each(BAD.map((value) => [value]))("and the validator refuse %j", (value) => {
    expect([validate(value), agrees(value)]).toEqual([false, false]);
  });

  it.each(SCENARIO_NAMES)("describes the built-in scenario %s", (name) => {
    const scenario = builtInScenario(name);
    expect(validate(scenario), JSON.stringify(validate.errors)).toBe(true);
    expect(checkScenario(scenario, "x")).toEqual({ value: scenario });
  });

  it("describes every example of the manual", async () => {
    const examples = [...(await readFile(manual, "utf8")).matchAll(/```yaml[^\n]*\n(.*?)```/gs)].map(
      (match) => match[1] ?? "",
    );
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      expect(validate(parse(example)), JSON.stringify(validate.errors)).toBe(true);
      expect(parseScenario(example, "example.yaml").tasks.length).toBeGreaterThan(0);
    }
  });
});

describe("errors in a scenario's file name file, line and field", () => {
  it.each([
    [
      "tasks:\n  - type: repair\n    scope: keyspace\n    module: repair\n    runsSeconds: soon\n",
      'n.yaml:5:18: tasks[0].runsSeconds: expected number, not "soon"',
    ],
    ["tasks:\n  - type: repair\n    scope: keyspace\n", "n.yaml:2:5: tasks[0].module: is missing"],
    [
      "name: a\ntasks:\n  - type: r\n    scope: s\n    module: m\n    runs: 5\n",
      "n.yaml:6:5: tasks[0].runs: unknown field",
    ],
    [
      "tasks:\n  - type: r\n    scope: s\n    module: m\n    children:\n      - type: x\n        scope: y\n        each: day\n",
      'n.yaml:8:15: tasks[0].children[0].each: expected ("node" | "shard" | "table"), not "day"',
    ],
    [
      "tasks:\n  - {type: r, scope: s, module: m, each: node, copies: 2}\n",
      "n.yaml:2:5: tasks[0]: each and copies cannot be used together",
    ],
    ["nodes: 0\nshards: 0\n", "n.yaml:1:8: nodes: expected >=1, not 0 (and 1 more)"],
    ["- a\n", "n.yaml:1:1: expected Object, not Array"],
    [
      "faults:\n  - path: /x\n",
      "n.yaml:2:5: faults[0]: needs one of latencyMs, status, message, body, isReset, isAnswerLost, truncatedAtBytes, task",
    ],
    ["base: &b {type: r}\n", "n.yaml:1:1: base: unknown field"],
    ["name: a\nname: b\n", "n.yaml:2:1: Map keys must be unique"],
    [`x:\n${Array.from({ length: 100_000 }, (_, key) => `  k${key}: 1\n`).join("")}`, "n.yaml:1:1: x: unknown field"],
    ["tasks: [\n", /^n\.yaml:2:1: /],
    ["tasks: []\nname: *none\n", "n.yaml:2:7: alias of an anchor that is not defined before it: none"],
    ["tasks: &t\n  - {type: r, scope: s, module: m, children: *t}\n", "n.yaml:2:46: alias of its own parent: t"],
    ['{"nodes": "many"}', 'n.yaml:1:11: nodes: expected number, not "many"'],
  ])("%j", (text, message) => {
    expect(() => parseScenario(text, "n.yaml")).toThrow(RangeError);
    expect(() => parseScenario(text, "n.yaml")).toThrow(message);
  });

  it("also behind an alias", () => {
    const text = [
      "tasks:",
      "  - type: r",
      "    scope: s",
      "    module: m",
      "    children: [&c {type: x, scope: y, total: -1}]",
      "  - type: r",
      "    scope: s",
      "    module: m",
      "    children: [*c]",
    ].join("\n");
    expect(() => parseScenario(text, "n.yaml")).toThrow(
      "n.yaml:5:46: tasks[0].children[0].total: expected >=0, not -1 (and 1 more)",
    );
  });
});

describe("a scenario that would fill the memory is refused by its file's name and the field", () => {
  const leaf = "type: r, scope: s";
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (const [before, name] of ["ab", "bc", "cd", "de"]) {
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(", ")}]`);
  }

  it.each([
    [
      "copies of copies",
      `tasks: [{${leaf}, module: m, copies: 1000, children: [{${leaf}, copies: 1000}]}]`,
      "tasks[0]: too many tasks: 1,001,000, at most 1,000,000",
    ],
    [
      "copies on each shard of each node",
      `{nodes: 100, shards: 100, tasks: [{${leaf}, module: m, each: node, children: [{${leaf}, each: shard, children: [{${leaf}, copies: 100}]}]}]}`,
      "tasks[0]: too many tasks: 1,010,100, at most 1,000,000",
    ],
    [
      "many that are large enough together",
      `tasks: [{${leaf}, module: m, copies: 600000}, {${leaf}, module: m, copies: 600000}]`,
      "tasks[1]: too many tasks: 1,200,000, at most 1,000,000",
    ],
    [
      "rounds that have been",
      `tasks: [{${leaf}, module: m, afterSeconds: -1000000, everySeconds: 0.5}]`,
      "tasks[0]: too many tasks: 2,000,001, at most 1,000,000",
    ],
    [
      "outages that have been",
      "outages: [{node: 0, afterSeconds: -1000000, everySeconds: 0.5}]",
      "outages[0]: too many outages: 2,000,001, at most 1,000,000",
    ],
    [
      "levels",
      `tasks: [{${leaf}, module: m, ${`children: [{${leaf}, `.repeat(100)}${"}]".repeat(100)}}]`,
      "tasks[0]: too many levels of children: at most 100",
    ],
    ["brackets", `tasks: ${"[".repeat(20_000)}`, "nested too deeply"],
    ["aliases of aliases", bomb.join("\n"), "too many aliases: they stand for far more than the file holds"],
  ])("%s", async (_, text, message) => {
    const directory = await mkdtemp(join(tmpdir(), "scenario-"));
    const path = join(directory, "large.yaml");
    await writeFile(path, text);
    try {
      const start = startMockCluster({ scenario: path });
      await expect(start).rejects.toThrow(RangeError);
      await expect(start).rejects.toThrow(path);
      await expect(start).rejects.toThrow(message);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe("a scenario's file", () => {
  it("has the name of the file where it says none, and merges keys", () => {
    const scenario = parseScenario(
      "tasks:\n  - &a {type: r, scope: s, module: m}\n  - {<<: *a, keyspace: k}\n",
      "some/where/nightly.yaml",
    );
    expect(scenario).toMatchObject({
      name: "nightly",
      keyspaces: [],
      tasks: [{ type: "r" }, { type: "r", keyspace: "k" }],
    });
  });

  it("keeps the children of a node task on its node", () => {
    const { manager } = play(
      parseScenario(JSON.stringify(inChild({ each: "node", children: [{ ...child, node: 1 }] })), "n.json"),
      { nodes: 2 },
    );
    const addresses = manager.nodes.map((node) => everythingOn(node).map(({ nodeAddress }) => nodeAddress));
    expect(addresses).toEqual([Array(3).fill("127.0.0.1"), []]);
  });

  it("may be empty", () => {
    expect(parseScenario("# nothing yet\n", "empty.yml")).toMatchObject({ name: "empty", tasks: [] });
  });

  it("is played by a cluster that is given its path, with the nodes that it is made for", async () => {
    const directory = await mkdtemp(join(tmpdir(), "scenario-"));
    const path = join(directory, "pair.yaml");
    await writeFile(
      path,
      "nodes: 2\nttlSeconds: 7\ntasks: [{type: backup, scope: node, module: snapshot, each: node}]\n",
    );
    const cluster = await startMockCluster({ scenario: path });
    try {
      for (const url of cluster.urls) {
        const tasks = await (await fetch(`${url}/task_manager/list_module_tasks/snapshot`)).json();
        expect(tasks).toMatchObject([{ type: "backup", state: "running" }]);
        expect(await (await fetch(`${url}/task_manager/ttl`)).json()).toBe(7);
      }
      expect(cluster.urls).toHaveLength(2);
    } finally {
      await cluster.stop();
      await rm(directory, { recursive: true });
    }
  });

  it.each(["no/such", "nothing.yaml", "nothing.yml", "nothing.JSON"])("is missed by its name: %s", async (scenario) => {
    const start = startMockCluster({ scenario });
    await expect(start).rejects.toThrow(RangeError);
    await expect(start).rejects.toThrow(`cannot read scenario ${scenario}: no such file`);
  });
});
