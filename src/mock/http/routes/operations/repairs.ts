import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { requestAbort } from "../../../domain/abort.js";
import { WaitTimedOut } from "../../../domain/errors.js";
import type { Module } from "../../../domain/module.js";
import type { Node } from "../../../domain/node.js";
import type { Task } from "../../../domain/task.js";
import { waitUntilFinished } from "../../../domain/waiting.js";
import { keyspaceRepair, tabletRepair } from "../../../scenarios/catalogue.js";
import type { KeyspaceSchema } from "../../../schema.js";
import { sendJson, sendValue, sendVoid } from "../../answers.js";
import { HttpError } from "../../http-error.js";
import {
  exactBoolean,
  mandatoryParameter,
  namesParameter,
  pathParameter,
  queryParameter,
  unsigned,
} from "../../parameters.js";
import { whileConnected } from "../../while-connected.js";
import { checkTable, type OperationStarter } from "./operation-starter.js";

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** All parameters of `repair_async`; any other one is refused. */
const REPAIR_OPTIONS = [
  "columnFamilies",
  "primaryRange",
  "ranges",
  "startToken",
  "endToken",
  "dataCenters",
  "hosts",
  "ignore_nodes",
  "ranges_parallelism",
  "small_table_optimization",
  "parallelism",
  "incremental",
  "jobThreads",
  "trace",
  "pullRepair",
  "ignoreUnreplicatedKeyspaces",
];

/** Adds the repairs of keyspaces with vnodes, which have numbers (operations: Repair of a vnode keyspace). */
export function addRepairRoutes(app: FastifyInstance, starter: OperationStarter): void {
  const { release, clock, nodeOf } = starter;
  const repairs = new WeakMap<Module, Map<number, Task | undefined>>();
  /** The repairs of a node since it started, by number; those that had nothing to do have no task. */
  const repairsOf = (node: Node): Map<number, Task | undefined> => {
    const module = node.module("repair");
    const known = repairs.get(module) ?? new Map<number, Task | undefined>();
    repairs.set(module, known);
    // Those of the scenario have numbers, too.
    for (const task of module.tasks) if (task.parent === undefined) known.set(task.sequenceNumber, task);
    return known;
  };
  const repairNamed = (request: FastifyRequest): Task | undefined => {
    const text = mandatoryParameter(request, "id");
    const number = Number(text);
    const known = repairsOf(nodeOf(request));
    if (!known.has(number)) throw new HttpError(400, `unknown repair id ${text}`);
    return known.get(number);
  };

  app.post("/storage_service/repair_async/:keyspace", (request, reply) => {
    const keyspace = starter.keyspace(pathParameter(request, "keyspace"));
    checkRepairOptions(request);
    if (keyspace.replication === "tablets" && release.repairAsyncOfTablets === "403") {
      throw new HttpError(
        403,
        "Cannot repair tablet keyspace. Use /storage_service/tablets/repair to repair tablet keyspaces.",
      );
    }
    const tables = starter.tables(request, keyspace, "columnFamilies");
    const node = nodeOf(request);
    // A repair with nothing to do gets a number but no task (semantics 32).
    if (tables.length === 0 || keyspace.replication === "local") {
      const number = node.module("repair").takeNumber(0);
      repairsOf(node).set(number, undefined);
      return sendValue(reply, number);
    }
    const task = starter.launch(
      request,
      keyspaceRepair(keyspace.name, { tables, ...starter.faultOptionsOf(request) }),
      node,
    );
    repairsOf(node).set(task.sequenceNumber, task);
    return sendValue(reply, task.sequenceNumber);
  });

  app.get("/storage_service/repair_async/:keyspace", (request, reply) => {
    starter.keyspace(pathParameter(request, "keyspace"));
    return sendValue(reply, statusOf(repairNamed(request)));
  });

  app.get("/storage_service/repair_status", async (request, reply) => {
    const task = repairNamed(request);
    const timeout = queryParameter(request, "timeout");
    const timeoutMs = timeout === undefined ? undefined : unsigned(timeout, 500) * 1000;
    try {
      if (task !== undefined) {
        await whileConnected(request, (signal) => waitUntilFinished(task, clock, { timeoutMs, signal }));
      }
    } catch (error) {
      if (!(error instanceof WaitTimedOut)) throw error;
    }
    return sendValue(reply, statusOf(task));
  });

  app.get("/storage_service/active_repair", (request, reply) => {
    const active = [...repairsOf(nodeOf(request))].filter(([, task]) => statusOf(task) === "RUNNING");
    return sendValue(
      reply,
      active.map(([number]) => number),
    );
  });

  app.post("/storage_service/force_terminate_repair", (request, reply) => {
    for (const task of repairsOf(nodeOf(request)).values()) if (task?.isAbortable) requestAbort(task, clock);
    return sendVoid(reply);
  });
}

function statusOf(task: Task | undefined): "RUNNING" | "SUCCESSFUL" | "FAILED" {
  if (task !== undefined && !task.isFinished) return "RUNNING";
  return task?.state === "failed" ? "FAILED" : "SUCCESSFUL";
}

/** @throws {HttpError} 400 */
function checkRepairOptions(request: FastifyRequest): void {
  const unknown = Object.keys(request.query as object).find((name) => !REPAIR_OPTIONS.includes(name));
  if (unknown !== undefined) throw new HttpError(400, `option ${unknown} is not supported`);
  const has = (name: string) => queryParameter(request, name) !== undefined;
  for (const name of ["dataCenters", "ignore_nodes"]) {
    if (has("hosts") && has(name)) throw new HttpError(400, `Cannot combine ${name} and hosts options.`);
  }
  const [start, end] = ["startToken", "endToken"].map((name) => queryParameter(request, name));
  if (start !== undefined && start === end) throw new HttpError(400, "Start and end tokens must be different.");
  for (const name of ["startToken", "endToken", "ranges_parallelism", "jobThreads"]) {
    const text = queryParameter(request, name);
    if (text !== undefined && !/^-?\d+$/.test(text)) throw new HttpError(400, `cannot parse integer: ${text}`);
  }
  for (const range of namesParameter(request, "ranges") ?? []) {
    if (!/^-?\d+:-?\d+$/.test(range)) throw new HttpError(400, `range must have the form start:end: ${range}`);
  }
}

const INCREMENTAL_MODES = ["incremental", "full", "disabled"];

/** Adds the repairs of tables with tablets (operations: Repair of a tablet table). */
export function addTabletRepairRoutes(app: FastifyInstance, starter: OperationStarter): void {
  const { release } = starter;
  const { tabletRepairParameters: parameters } = release;
  if (parameters === "404") return;
  const takes = (name: string) => parameters.includes(name);
  /** The tablets that each repair works on. */
  const tabletsOf = new WeakMap<Task, ReadonlySet<number>>();
  const running = new Set<Task>();

  app.post("/storage_service/tablets/repair", async (request, reply) => {
    const ks = mandatoryParameter(request, "ks");
    const table = mandatoryParameter(request, "table");
    const tokens = mandatoryParameter(request, "tokens");
    const awaits = takes("await_completion") && exactBoolean(request, "await_completion", false);
    const hosts = takes("hosts_filter") ? (namesParameter(request, "hosts_filter") ?? []) : [];
    for (const host of hosts) if (!UUID.test(host)) throw new HttpError(400, `Wrong host_id format ${host}`);
    const mode = takes("incremental_mode")
      ? (queryParameter(request, "incremental_mode") ?? "incremental")
      : "incremental";
    if (!INCREMENTAL_MODES.includes(mode)) {
      throw new HttpError(500, `std::invalid_argument (${mode} is not a mode of incremental repair)`);
    }
    const keyspace = tableOfTablets(starter, ks, table);
    const base = keyspace.baseOf(table);
    if (base !== undefined && release.refusesColocatedTables) {
      throw new HttpError(
        400,
        `Cannot set repair request on table '${ks}'.'${table}' because it is colocated with the base table '${ks}'.'${base}'. ` +
          "Repair requests can be made only on the base table. " +
          "Repairing the base table will also repair all tables colocated with it.",
      );
    }
    const tablets = wantedTablets(keyspace, tokens);
    for (const other of running) {
      const taken = other.keyspace === ks && other.table === table ? tabletsOf.get(other) : undefined;
      const both = [...tablets].find((tablet) => taken?.has(tablet));
      if (both === undefined) continue;
      const name = `${keyspace.tableId(table)}:${both}`;
      throw new HttpError(
        500,
        `std::runtime_error (Tablet ${name} is already in repair by tablet_task_id=${other.id})`,
      );
    }
    // `seed` has the call, but no module for its task.
    if (!release.modules.includes("tablets")) return sendTaskId(reply, starter.ids.timeUuid());
    const task = starter.launch(request, tabletRepair(ks, table, tablets.size, starter.faultOptionsOf(request)));
    running.add(task);
    tabletsOf.set(task, tablets);
    task.whenFinished(() => running.delete(task));
    // Whoever waits for a repair is told of a success, even if it was aborted (semantics 25).
    if (awaits) await starter.end(request, task);
    return sendTaskId(reply, task.id);
  });
}

/** Maps are written without spaces (rest-api: Two ways of writing JSON). */
function sendTaskId(reply: FastifyReply, id: string): FastifyReply {
  return sendJson(reply, JSON.stringify({ tablet_task_id: id }));
}

/** @throws {HttpError} */
function tableOfTablets(starter: OperationStarter, ks: string, table: string): KeyspaceSchema {
  const keyspace = starter.schema.find(ks);
  if (keyspace === undefined) throw new HttpError(400, `Can't find a column family ${table} in keyspace ${ks}`);
  checkTable(keyspace, table);
  if (keyspace.replication !== "tablets") {
    throw new HttpError(500, `std::runtime_error (Table ${ks}.${table} does not use tablets)`);
  }
  return keyspace;
}

/**
 * The numbers of the tablets that own the tokens.
 * @param tokens - `all`, or a list; text that is no number counts as 0
 */
function wantedTablets(keyspace: KeyspaceSchema, tokens: string): ReadonlySet<number> {
  if (tokens === "all") return new Set(Array.from({ length: keyspace.tablets }, (_, tablet) => tablet));
  const numbers = tokens.split(",").map((text) => (/^\s*-?\d+/.exec(text)?.[0] ?? "0").trim());
  return new Set(numbers.map((number) => keyspace.tabletOf(BigInt(number))));
}
