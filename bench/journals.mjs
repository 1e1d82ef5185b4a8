// A journal as a recorder of three nodes writes it: repairs and compactions with their parts, which end before it does.

import { once } from "node:events";
import { createWriteStream } from "node:fs";

const NODES = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
const BEGIN = Date.parse("2026-11-01T00:00:00.000Z");
const EPOCH = "1970-01-01T00:00:00Z";
/** Of a tree: itself, and its parts. */
const TREE = 8;
/** Of each task: seen, four times how far it is, ended. */
const LINES_A_TASK = 6;
const TABLES = Array.from({ length: 200 }, (_, index) => `table_${index}`);

const idOf = (index) => `${index.toString(16).padStart(8, "0")}-8a1d-4c1e-9d43-1b2a3c4d5e6f`;
const at = (ms) => new Date(BEGIN + ms).toISOString();
const wireTime = (ms) => at(ms).replace(/\.\d{3}Z$/, "Z");

export const firstLine = () => ({
  at: at(0),
  event: "segment_started",
  version: 1,
  recorder: "0.1.0",
  nodes: NODES,
  all_nodes: true,
  tick_seconds: 10,
});

function* linesOfTask(index) {
  const root = index - (index % TREE);
  const isRoot = index === root;
  const startMs = index * 1000;
  const seconds = 30 + (root % 97);
  const task = {
    id: idOf(index),
    type: root % 3 === 0 ? "repair" : "major compaction",
    kind: "node",
    scope: isRoot ? "keyspace" : "shard",
    state: "running",
    is_abortable: isRoot,
    start_time: wireTime(startMs),
    end_time: EPOCH,
    error: "",
    parent_id: isRoot ? "none" : idOf(root),
    sequence_number: root + 1,
    shard: index % TREE,
    keyspace: `ks_${root % 10}`,
    table: TABLES[root % TABLES.length],
    entity: "",
    progress_units: "ranges",
    progress_total: 1000,
    progress_completed: 0,
    children_ids: isRoot
      ? Array.from({ length: TREE - 1 }, (_, child) => ({ task_id: idOf(root + child + 1), node: NODES[root % 3] }))
      : [],
  };
  const about = { node: NODES[root % 3], id: task.id };
  const module = root % 3 === 0 ? "repair" : "compaction";
  yield { at: at(startMs), event: "task_seen", ...about, module, task };
  for (const quarter of [1, 2, 3, 4]) {
    const progress = { completed: quarter * 200, total: 1000 };
    yield { at: at(startMs + quarter * seconds * 200), event: "task_progress", ...about, ...progress };
  }
  const endMs = startMs + seconds * 1000;
  const last = {
    ...task,
    state: root % 50 === 0 ? "failed" : "done",
    end_time: wireTime(endMs),
    progress_completed: 1000,
  };
  yield { at: at(endMs), event: "task_ended", ...about, task: last, within_ms: 10_000 };
}

/** @returns how many operations it tells of */
export async function writeJournal(path, lines) {
  const file = createWriteStream(path);
  let text = `${JSON.stringify(firstLine())}\n`;
  const tasks = Math.floor((lines - 1) / LINES_A_TASK);
  for (let index = 0; index < tasks; index++) {
    for (const line of linesOfTask(index)) text += `${JSON.stringify(line)}\n`;
    if (text.length < 1_000_000 && index < tasks - 1) continue;
    if (!file.write(text)) await once(file, "drain");
    text = "";
  }
  file.end();
  await once(file, "close");
  return Math.ceil(tasks / TREE);
}
