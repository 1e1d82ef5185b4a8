// What the servers answer with, of any size.

export const idOf = (index) => `5e1f4b0c-8a1d-4c1e-9d43-${index.toString(16).padStart(12, "0")}`;

export const EPOCH = "1970-01-01T00:00:00Z";

/** A task of a list. */
export const stats = (index) => ({
  task_id: idOf(index),
  state: index % 3 === 0 ? "done" : "running",
  type: "major compaction",
  kind: "node",
  scope: "compaction group",
  keyspace: `keyspace_${index % 50}`,
  table: `table_${index % 300}`,
  entity: "",
  sequence_number: index,
  shard: index % 16,
  start_time: "2026-11-24T08:00:00Z",
  end_time: index % 3 === 0 ? "2026-11-24T08:01:00Z" : EPOCH,
});

const statusIn = (parentOf, childrenOf) => (index, total) => ({
  id: idOf(index),
  type: "major compaction",
  kind: "node",
  scope: "table",
  state: "running",
  is_abortable: false,
  start_time: "2026-11-24T08:00:00Z",
  end_time: EPOCH,
  error: "",
  parent_id: index === 0 ? "none" : idOf(parentOf(index)),
  sequence_number: 1,
  shard: index % 16,
  keyspace: "shop",
  table: `table_${index % 300}`,
  entity: "",
  progress_units: "bytes",
  progress_total: 1_048_576,
  progress_completed: index % 1_048_576,
  children_ids: childrenOf(index)
    .filter((child) => child < total)
    .map((child) => ({ task_id: idOf(child), node: "127.0.0.1" })),
});

/** A task of a tree in which each has ten children. */
export const bushyStatus = statusIn(
  (index) => Math.floor((index - 1) / 10),
  (index) => Array.from({ length: 10 }, (_, child) => index * 10 + 1 + child),
);

/** A task of a tree that is one long branch. */
export const deepStatus = statusIn(
  (index) => index - 1,
  (index) => [index + 1],
);

/** A JSON array of `total` elements, made without ever holding the elements themselves. */
export function jsonArray(total, element) {
  const pieces = [];
  for (let start = 0; start < total; start += 1000) {
    const texts = [];
    for (let index = start; index < Math.min(start + 1000, total); index++) {
      texts.push(JSON.stringify(element(index, total)));
    }
    pieces.push(Buffer.from((start === 0 ? "[" : ",") + texts.join(",")));
  }
  pieces.push(Buffer.from(total === 0 ? "[]" : "]"));
  return Buffer.concat(pieces);
}
