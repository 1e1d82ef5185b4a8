import { describe, expect, it } from "vitest";
import { type GenerationName, ManualClock, type MockCluster, SCENARIO_NAMES } from "../../../src/mock/index.js";
import { ask, serve } from "./served.js";

/** Reads a field; throws if the value is not valid. */
type Reader = (value: unknown) => void;

function reader(expected: string, isValid: (value: unknown) => boolean): Reader {
  return (value) => {
    if (!isValid(value)) throw new TypeError(`expected ${expected}, not ${JSON.stringify(value)}`);
  };
}

const matching = (expected: string, pattern: RegExp) =>
  reader(expected, (value) => typeof value === "string" && pattern.test(value));
const oneOf = (...words: string[]) => reader(words.join(" or "), (value) => words.includes(String(value)));

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[134][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const text = reader("a text", (value) => typeof value === "string");
const flag = reader("a boolean", (value) => typeof value === "boolean");
const whole = reader("a whole number", (value) => Number.isInteger(value) && Number(value) >= 0);
const double = reader("a number", (value) => typeof value === "number" && value >= 0);
const uuid = matching("a UUID", new RegExp(`^${UUID}$`));
const parentId = matching("a UUID or none", new RegExp(`^(none|${UUID})$`));
const time = matching("a time", /^(1970|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const address = matching("an address", /^(127\.0\.0\.[1234]|0\.0\.0\.0)$/);
const kind = oneOf("node", "cluster");

/** Reads exactly these fields, in this order; those at the end may be absent. */
function record(fields: Readonly<Record<string, Reader>>, last: Readonly<Record<string, Reader>> = {}): Reader {
  const keys = Object.keys(fields).join();
  const all = { ...fields, ...last };
  const allKeys = Object.keys(all).join();
  return (value) => {
    const given = typeof value === "object" && value !== null ? Object.keys(value).join() : undefined;
    if (given !== keys && given !== allKeys) {
      throw new TypeError(`expected the fields ${keys}, not ${JSON.stringify(value)}`);
    }
    for (const [key, member] of Object.entries(value as object)) all[key]?.(member);
  };
}

const notEmpty =
  (read: Reader): Reader =>
  (value) => {
    if (Array.isArray(value) && value.length === 0) throw new TypeError("expected no empty array");
    read(value);
  };

/** How many elements of a long array are read, evenly spread. */
const MOST_ELEMENTS = 5_000;

function arrayOf(read: Reader): Reader {
  return (value) => {
    if (!Array.isArray(value)) throw new TypeError(`expected an array, not ${JSON.stringify(value)}`);
    const stride = Math.ceil(value.length / MOST_ELEMENTS);
    for (let i = 0; i < value.length; i += stride) read(value[i]);
  };
}

/** Without `suspended`, which only a wait answers. */
const state = oneOf("created", "running", "done", "failed");

const statsOf = (generation: GenerationName) =>
  record({
    task_id: uuid,
    state,
    type: text,
    kind,
    scope: text,
    keyspace: text,
    table: text,
    entity: text,
    sequence_number: whole,
    ...(generation === "current" ? { shard: whole, start_time: time, end_time: time } : {}),
  });

const status = record(
  {
    id: uuid,
    type: text,
    kind,
    scope: text,
    state,
    is_abortable: flag,
    start_time: time,
    end_time: time,
    error: text,
    parent_id: parentId,
    sequence_number: whole,
    shard: whole,
    keyspace: text,
    table: text,
    entity: text,
    progress_units: text,
    progress_total: double,
    progress_completed: double,
  },
  // Absent where there are none.
  { children_ids: notEmpty(arrayOf(record({ task_id: uuid, node: address }))) },
);

/** The two styles: spaces after colons and between members but not between elements; streamed, the other way round. */
function written(value: unknown, isStreamed: boolean, depth = 0): string {
  if (Array.isArray(value)) {
    return `[${value.map((element) => written(element, isStreamed, depth + 1)).join(isStreamed && depth === 0 ? ", " : ",")}]`;
  }
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value).replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`);
  }
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}:${isStreamed ? "" : " "}${written(member, isStreamed, depth + 1)}`)
    .join(isStreamed ? "," : ", ")}}`;
}

const LONGEST_COMPARED = 1_000_000;

async function read<T>(cluster: MockCluster, node: number, path: string, reading: Reader): Promise<T> {
  const answer = await ask(cluster, `GET ${path}`, node);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  expect(answer.contentType).toBe("application/json");
  const value: unknown = JSON.parse(answer.text);
  reading(value);
  if (answer.text.length < LONGEST_COMPARED && written(value, /list_module_tasks|recursive/.test(path)) !== answer.text)
    throw new Error(`${path} is not written as the server does`);
  return value as T;
}

interface Row {
  readonly task_id: string;
  readonly state: string;
}

/** How many trees of each module are read; `storm` has too many. */
const MOST_TREES = 40;

async function readEverything(cluster: MockCluster, generation: GenerationName): Promise<number> {
  const stats = arrayOf(statsOf(generation));
  let count = 0;
  const down = await read<string[]>(cluster, 0, "/gossiper/endpoint/down", arrayOf(address));
  for (const [node, url] of cluster.urls.entries()) {
    if (down.includes(new URL(url).hostname)) continue;
    for (const name of ["ttl", "user_ttl"]) await read(cluster, node, `/task_manager/${name}`, whole);
    for (const list of ["live", "down"]) await read(cluster, node, `/gossiper/endpoint/${list}`, arrayOf(address));
    await read(cluster, node, "/storage_service/host_id", arrayOf(record({ key: address, value: uuid })));
    await read(cluster, node, "/storage_service/scylla_release_version", text);
    await read(cluster, node, "/storage_service/keyspaces", arrayOf(text));
    const modules = await read<string[]>(cluster, node, "/task_manager/list_modules", arrayOf(text));
    for (const module of modules) {
      const path = `/task_manager/list_module_tasks/${module}`;
      await read(cluster, node, path, stats);
      const rows = await read<Row[]>(cluster, node, `${path}?internal=true`, stats);
      for (const { task_id, state: stateThen } of rows.slice(-MOST_TREES)) {
        const isFinished = stateThen === "done" || stateThen === "failed";
        // The wait comes first: on seed, the other calls unregister finished tasks.
        if (isFinished) await read(cluster, node, `/task_manager/wait_task/${task_id}`, status);
        const tree = await read<unknown[]>(
          cluster,
          node,
          `/task_manager/task_status_recursive/${task_id}`,
          arrayOf(status),
        );
        count += tree.length;
        if (!isFinished) await read(cluster, node, `/task_manager/task_status/${task_id}`, status);
      }
    }
  }
  return count;
}

describe.each(["seed", "current"] as const)(
  "%s generation: every answer has exactly the server's fields",
  (generation) => {
    // `storm` differs only in numbers, and is slow; seed has no tablet tasks.
    const skipped = generation === "seed" ? ["idle", "storm", "tablet-repair"] : ["idle"];
    it.each(SCENARIO_NAMES.filter((name) => !skipped.includes(name)))("%s", async (scenario) => {
      const clock = new ManualClock();
      const cluster = await serve({ scenario, generation, clock });
      expect(await readEverything(cluster, generation)).toBeGreaterThan(3);
      // In `chaos`, this is before answers go wrong.
      if (scenario === "storm") return;
      clock.advance(4_900);
      expect(await readEverything(cluster, generation)).toBeGreaterThan(2);
    });
  },
);
