// The slow way to every output that is measured: straightforward, made from the elements themselves, in pieces.
import { EPOCH } from "./answers.mjs";

const STATS_FIELDS =
  "task_id type kind scope state sequence_number keyspace table entity shard start_time end_time".split(" ");
const STATUS_FIELDS = (
  "id type kind scope state is_abortable start_time end_time error parent_id sequence_number shard keyspace table entity " +
  "progress_units progress_total progress_completed children_ids"
).split(" ");
const OTHER_TITLES = { progress_total: "total", progress_completed: "completed" };

const fieldsOf = (row) => ("task_id" in row ? STATS_FIELDS : STATUS_FIELDS);

/** A row as programs get it. */
function record(row) {
  const changed = { ...row };
  for (const name of ["start_time", "end_time"]) if (changed[name] === EPOCH) changed[name] = null;
  if (changed.parent_id === "none") changed.parent_id = null;
  return changed;
}

export function* elements(total, element) {
  for (let index = 0; index < total; index++) yield element(index, total);
}

export function* ndjson(total, element) {
  for (const row of elements(total, element)) yield `${JSON.stringify(record(row))}\n`;
}

export function json(total, element) {
  return [`${JSON.stringify([...elements(total, element)].map(record), null, 2)}\n`];
}

export function* csv(total, element) {
  const fields = fieldsOf(element(0, total));
  yield `${fields.join(",")}\r\n`;
  const quoted = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const cell = (value) => quoted(Array.isArray(value) ? JSON.stringify(value) : String(value ?? ""));
  for (const row of elements(total, element)) {
    const values = record(row);
    yield `${fields.map((name) => cell(values[name])).join(",")}\r\n`;
  }
}

function cellText(value) {
  if (Array.isArray(value)) return `[${value.map((c) => `{task_id: ${c.task_id}, node: ${c.node} }`).join(", ")}]`;
  return value === EPOCH ? "" : String(value ?? "");
}

export function* paddedTable(total, element) {
  const fields = fieldsOf(element(0, total));
  const titles = fields.map((name) => OTHER_TITLES[name] ?? name);
  const widths = titles.map((title) => title.length);
  for (const row of elements(total, element)) {
    for (const [column, name] of fields.entries()) {
      widths[column] = Math.max(widths[column], cellText(row[name]).length);
    }
  }
  const line = (cells) => `${cells.map((cell, column) => cell.padEnd(widths[column])).join(" ")}\n`;
  yield line(titles);
  for (const row of elements(total, element)) yield line(fields.map((name) => cellText(row[name])));
}
