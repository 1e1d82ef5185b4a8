import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TaskStatus } from "../../src/client/wire.js";
import type { ProgressPoint } from "../../src/tasks/progress.js";
import { timelineOf } from "../../src/tasks/timeline/timeline.js";
import { traceFile, traceRequests } from "../../src/timeline/otlp.js";
import { perfettoTrace } from "../../src/timeline/perfetto.js";
import { expectGolden } from "../fixtures/golden.js";
import { expectOtlp } from "../fixtures/otlp-rules.js";
import { hostileTree, nightMs, repairTree, TROUBLED_NOW, troubledTree, wideTree } from "../fixtures/timeline-trees.js";
import { expectTrace } from "../fixtures/trace-rules.js";

const timeline = (statuses: readonly TaskStatus[], progress?: ReadonlyMap<string, readonly ProgressPoint[]>) =>
  timelineOf(statuses, { nowMs: TROUBLED_NOW, progress });

const perfetto = (...given: Parameters<typeof timeline>) => [...perfettoTrace(timeline(...given))].join("");
const otlp = (statuses: readonly TaskStatus[]) => JSON.parse([...traceFile(timeline(statuses))].join(""));

/** Trees in which anything overlaps with anything, on few nodes and shards. */
const anyTree = fc
  .array(
    fc.record({
      above: fc.nat(),
      from: fc.nat(20),
      length: fc.option(fc.nat(20), { nil: undefined }),
      node: fc.constantFrom("127.0.0.1", "127.0.0.2"),
      shard: fc.nat(2),
      kind: fc.constantFrom("node", "node", "cluster"),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((tasks) => {
    const id = (index: number) => `5e1f4b0c-8a1d-4c1e-9d43-${String(index).padStart(12, "0")}`;
    const at = (seconds: number) => `${new Date(nightMs("22:00") + seconds * 1000).toISOString().slice(0, 19)}Z`;
    return tasks.map(
      ({ above, from, length, node, shard, kind }, index): TaskStatus => ({
        id: id(index),
        type: "repair",
        scope: "shard",
        kind,
        node,
        shard,
        state: length === undefined ? "running" : "done",
        start_time: at(from),
        end_time: length === undefined ? "1970-01-01T00:00:00Z" : at(from + length),
        parent_id: index === 0 ? "none" : id(above % index),
      }),
    );
  });

describe("Perfetto", () => {
  test("the whole trace", () => {
    const text = perfetto(repairTree());
    expect(expectTrace(text)).toHaveLength(repairTree().length);
    expectGolden("timeline.perfetto.json", text);
  });

  test("failures, running tasks and unknown times follow the format's rules", () => {
    const slices = expectTrace(perfetto(troubledTree()));
    expect(slices).toHaveLength(5);
    expect(slices.filter(({ args }) => args?.state === "failed")).toMatchObject([
      { args: { error: "std::runtime_error (disk full)" }, cname: "terrible" },
    ]);
  });

  test("slices nest, whatever overlaps", () => {
    fc.assert(fc.property(anyTree, (tree) => expectTrace(perfetto(tree)).length === tree.length));
  });

  test("recorded progress becomes a counter", () => {
    const [root, child] = repairTree();
    const points = [0, 50, 100].map((completed, hour) => ({
      atMs: nightMs("22:00") + hour * 3_600_000,
      completed,
      total: 100,
    }));
    const { traceEvents } = JSON.parse(perfetto(repairTree(), new Map([[child?.id ?? "", points]])));
    const counters = traceEvents.filter(({ ph }: { ph: string }) => ph === "C");
    expect(counters.map(({ args }: { args: object }) => args)).toEqual([
      { percent: 0 },
      { percent: 50 },
      { percent: 100 },
    ]);
    expect(root).toBeDefined();
  });

  test("names are data, whatever is in them, and no tasks make an empty trace", () => {
    expect(expectTrace(perfetto(hostileTree()))).toHaveLength(18);
    expect(expectTrace(perfetto([]))).toEqual([]);
  });

  test("escapes control characters, as the JSON of other commands does", () => {
    const [root] = repairTree() as [TaskStatus];
    const tree = [{ ...root, type: "a\u009b31m\u202eb\u007f", table: "\u009d52;c;x\u009c" }];
    for (const text of [perfetto(tree), [...traceFile(timeline(tree))].join("")]) {
      expect(text).not.toMatch(/[\u007f-\u009f\u202e]/);
      expect(text).toContain("\\u202e");
      expect(JSON.stringify(JSON.parse(text))).toContain("\u009d52;c;x\u009c");
    }
  });

  test("of very many tasks that ran at once", () => {
    const at = { start_time: "2026-11-23T22:00:00Z", end_time: "2026-11-23T23:00:00Z" };
    const tree = wideTree(20_000).map((task) => ({ ...task, ...at }));
    expect([...perfettoTrace(timeline(tree))].length).toBeGreaterThan(10);
  });
});

describe("OTLP", () => {
  test("the whole trace", () => {
    const text = [...traceFile(timeline(repairTree()))].join("");
    expect(expectOtlp(JSON.parse(text))).toHaveLength(18);
    expectGolden("timeline.otlp.json", `${JSON.stringify(JSON.parse(text), null, 2)}\n`);
  });

  test("a failure is an error with its message, a task without times is left out", () => {
    const spans = expectOtlp(otlp(troubledTree()));
    expect(spans).toHaveLength(5);
    expect(spans.filter(({ status }) => status.code === 2).map(({ status }) => status.message)).toEqual([
      "std::runtime_error (disk full)",
    ]);
  });

  test("ids are derived from those of tasks, and unique", () => {
    const [root] = repairTree();
    const spans = expectOtlp(otlp(wideTree(500)));
    expect(spans[0]?.traceId).toBe(root?.id?.replaceAll("-", ""));
    expect(expectOtlp(otlp(wideTree(500)))).toEqual(spans);
    // Time UUIDs of one node differ in their first half only; and what is no UUID has an id too.
    const made = ["3105b5c9-f106-11ef-a13b-0b2f841a0090", "3105b5ca-f106-11ef-a13b-0b2f841a0090", "x", "0".repeat(32)];
    const odd = made.map((id) => ({ ...(root as TaskStatus), id }));
    expect(expectOtlp(otlp(odd))).toHaveLength(4);
  });

  test("a large trace is sent in parts of the same trace", () => {
    const requests = [...traceRequests(timeline(wideTree(1000)), 300)];
    expect(requests).toHaveLength(4);
    expect(expectOtlp(...requests)).toHaveLength(1000);
    expect([...traceRequests(timeline([]), 300)]).toEqual([]);
  });

  test("names are data, whatever is in them, and no tasks make an empty trace", () => {
    expect(expectOtlp(otlp(hostileTree()))).toHaveLength(18);
    expect(expectOtlp(otlp([]))).toEqual([]);
    const odd = troubledTree().map((task) => ({ ...task, shard: 1e300, progress_total: Number.POSITIVE_INFINITY }));
    expect(expectOtlp(otlp(odd))).toHaveLength(5);
  });
});
