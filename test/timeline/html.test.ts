import { describe, expect, test } from "vitest";
import type { TaskStatus } from "../../src/client/wire.js";
import { timelineOf } from "../../src/tasks/timeline/timeline.js";
import { timelinePage } from "../../src/timeline/html.js";
import { FLAG, type PageData } from "../../src/timeline/page-data.js";
import { HOSTILE, hostileTree, nightMs, TROUBLED_NOW, troubledTree, wideTree } from "../fixtures/timeline-trees.js";

const page = (statuses: readonly TaskStatus[], nowMs = nightMs("05:00")) =>
  [...timelinePage(timelineOf(statuses, { nowMs }))].join("");

/** What the script of a page reads. */
function dataOf(text: string): PageData {
  const [, data = ""] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(text) ?? [];
  return JSON.parse(data);
}

/** The tasks of a page in words. */
const tasksOf = ({ texts, tasks, from: begin }: PageData) =>
  tasks.map(([parent, name, type, state, node, shard, from, to, , , flags, id, error, progress]) => {
    const [named, typed, said] = [texts[name], texts[type], texts[state]];
    const [on, identified, failed, done] = [texts[node], texts[id], texts[error], texts[progress]];
    const seconds = (ms: number) => (ms === -1 ? undefined : (ms - begin) / 1000);
    const [began, ended] = [seconds(from), seconds(to)];
    return {
      parent,
      named,
      typed,
      said,
      on,
      shard,
      began,
      ended,
      flags,
      identified: identified?.slice(-2),
      failed,
      done,
    };
  });

describe("the page", () => {
  test("has each task before its parts, with nothing but what is known about it", () => {
    const [root, ...statuses] = troubledTree() as [TaskStatus, ...TaskStatus[]];
    const work = { progress_total: 4, progress_completed: 1, progress_units: "tables" };
    const tasks = tasksOf(dataOf(page([{ ...root, node: "127.0.0.1", ...work }, ...statuses], TROUBLED_NOW)));
    const part = { parent: 0, typed: "major compaction", on: "127.0.0.1", failed: "", done: "" };
    const unknown = { began: undefined, ended: undefined };
    const named = (table: string, shard: number) => `major compaction, table shop.${table}, shard ${shard}`;
    expect(tasks).toEqual([
      {
        ...part,
        parent: -1,
        named: "major compaction, keyspace shop",
        said: "running",
        shard: -1,
        began: 0,
        ended: 240,
        flags: FLAG.running | FLAG.critical,
        identified: "01",
        done: "25%, 1/4 tables",
      },
      {
        ...part,
        named: named("orders", 0),
        said: "done",
        shard: 0,
        began: 5,
        ended: 100,
        flags: FLAG.critical,
        identified: "02",
      },
      {
        ...part,
        named: named("orders", 1),
        said: "failed",
        shard: 1,
        began: 5,
        ended: 50,
        flags: 0,
        identified: "03",
        failed: "std::runtime_error (disk full)",
      },
      {
        ...part,
        named: named("audit", 1),
        said: "done",
        shard: 1,
        began: 50,
        ended: 50,
        flags: FLAG.endUnknown,
        identified: "06",
      },
      {
        ...part,
        named: named("items", 0),
        said: "running",
        shard: 0,
        began: 130,
        ended: 240,
        flags: FLAG.running | FLAG.critical,
        identified: "04",
      },
      { ...part, named: named("items", 1), said: "created", shard: 1, ...unknown, flags: 0, identified: "05" },
      {
        ...part,
        named: "5e1f4b0c-8a1d-4c1e-9d43-000000000007",
        typed: "",
        said: "gone",
        shard: -1,
        ...unknown,
        flags: 0,
        identified: "07",
      },
    ]);
  });

  test("of tasks with nothing but an id has them all, without times", () => {
    const data = dataOf(page([{ id: "a" }, { id: "b", parent_id: "a" }]));
    expect(data).toMatchObject({ from: 0, to: 0, critical: [] });
    expect(tasksOf(data)).toMatchObject([
      { parent: -1, named: "a", typed: "", said: "", on: "", shard: -1, began: undefined, ended: undefined },
      { parent: 0, named: "b" },
    ]);
  });

  test("of no tasks is valid", () => {
    const text = page([]);
    expect(text).toContain("<title>Timeline of nothing</title>");
    expect(dataOf(text)).toEqual({ title: "Timeline of nothing", from: 0, to: 0, critical: [], texts: [], tasks: [] });
  });

  test("has the same elements and scripts whatever is in a name", () => {
    const text = page(hostileTree());
    expect(text.match(/<script/g)).toHaveLength(2);
    for (const character of "\u0000\u001b\u009b\u2028\u2029\u202e") expect(text).not.toContain(character);
    expect(text).toMatch(/<title>Timeline of &lt;\/script&gt;&lt;script&gt;[^<]*&quot;&#39;&amp;amp;/);
    expect(dataOf(text).texts.join(" ")).toContain(HOSTILE.slice(0, 30));
  });

  test("comes in pieces, and contains each text once", () => {
    const pieces = [...timelinePage(timelineOf(wideTree(5_000), { nowMs: nightMs("05:00") }))];
    expect(pieces.length).toBeGreaterThan(5);
    const { tasks, texts } = dataOf(pieces.join(""));
    expect(tasks).toHaveLength(5_000);
    expect(new Set(texts).size).toBe(texts.length);
  });
});
