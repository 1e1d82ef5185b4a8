import type { FastifyInstance, FastifyRequest } from "fastify";
import { NIL_UUID } from "../../../../vocabulary.js";
import type { Task } from "../../../domain/task.js";
import type { Release } from "../../../releases.js";
import {
  globalCleanup,
  globalCompaction,
  type KeyspaceCompaction,
  keyspaceCompaction,
} from "../../../scenarios/catalogue.js";
import type { KeyspaceSchema } from "../../../schema.js";
import { sendValue, sendVoid } from "../../answers.js";
import { HttpError } from "../../http-error.js";
import { exactBoolean, lenientBoolean, pathParameter, queryParameter, strictBoolean } from "../../parameters.js";
import { type OperationStarter, refuseFailed } from "./operation-starter.js";

/** A compaction of a keyspace, with the parameters of its two calls (rest-api: The tasks API; operations: Compactions). */
interface CompactionCall {
  readonly path: string;
  readonly method: "GET" | "POST";
  readonly type: KeyspaceCompaction;
  readonly strict?: readonly string[];
  readonly lenient?: readonly string[];
  readonly check?: (request: FastifyRequest, release: Release) => void;
  /** The parameters besides `cf`, for calls that refuse all others in some releases. */
  readonly known?: (release: Release, isAsynchronous: boolean) => readonly string[];
  /** What the synchronous call answers at the end; without it, nothing. */
  readonly answer?: (task: Task) => unknown;
}

const SCRUB_MODES = ["ABORT", "SKIP", "SEGREGATE", "VALIDATE"];
const QUARANTINE_MODES = ["INCLUDE", "EXCLUDE", "ONLY"];
/** The only mode in which a parameter of a scrub is allowed. */
const MODE_OF: Readonly<Record<string, string>> = {
  drop_unfixable_sstables: "SEGREGATE",
  quarantine_invalid_sstables: "VALIDATE",
};
const SCRUB_ABORTED = 1;

const CALLS: readonly CompactionCall[] = [
  {
    path: "keyspace_compaction",
    method: "POST",
    type: "major compaction",
    lenient: ["flush_memtables", "consider_only_existing_data"],
    known: (release, isAsynchronous) =>
      isAsynchronous && !release.considersOnlyExistingData
        ? ["flush_memtables"]
        : ["flush_memtables", "consider_only_existing_data"],
  },
  { path: "keyspace_cleanup", method: "POST", type: "cleanup compaction", answer: () => 0 },
  { path: "keyspace_offstrategy_compaction", method: "POST", type: "offstrategy compaction", answer: () => true },
  {
    path: "keyspace_scrub",
    method: "GET",
    type: "scrub sstables compaction",
    strict: ["disable_snapshot"],
    lenient: ["skip_corrupted"],
    check: checkScrub,
    known: ({ scrubParameters }) => [
      "disable_snapshot",
      "skip_corrupted",
      "scrub_mode",
      "quarantine_mode",
      ...scrubParameters,
    ],
    answer: () => 0,
  },
  {
    path: "keyspace_upgrade_sstables",
    method: "GET",
    type: "upgrade sstables compaction",
    strict: ["exclude_current_version"],
    answer: () => 0,
  },
];

/** Adds the compactions of a keyspace, each as an asynchronous and a synchronous call, and those of all keyspaces. */
export function addCompactionRoutes(app: FastifyInstance, starter: OperationStarter): void {
  const { release, nodeOf } = starter;

  const checked = (request: FastifyRequest, call: CompactionCall, isAsynchronous: boolean) => {
    const keyspace = starter.keyspace(pathParameter(request, "keyspace"));
    const known = call.known?.(release, isAsynchronous);
    if (known !== undefined) refuseUnknown(request, ["cf", ...known], release);
    const tables = starter.tables(request, keyspace, "cf");
    for (const name of call.strict ?? []) strictBoolean(request, name, false);
    for (const name of call.lenient ?? []) {
      // A release ignores the value of a parameter that it does not know.
      if (known?.includes(name) ?? true) lenientBoolean(request, name, false);
    }
    call.check?.(request, release);
    return { keyspace, tables };
  };
  const start = (request: FastifyRequest, call: CompactionCall, keyspace: KeyspaceSchema, tables: readonly string[]) =>
    starter.launch(
      request,
      keyspaceCompaction(call.type, keyspace.name, { tables, ...starter.faultOptionsOf(request) }),
    );

  for (const call of CALLS) {
    const isCleanup = call.type === "cleanup compaction";
    const startsNothing = (keyspace: KeyspaceSchema) =>
      isCleanup && release.skipsNeedlessCleanup && keyspace.replication !== "vnodes";
    app.route({
      method: call.method,
      url: `/tasks/compaction/${call.path}/:keyspace`,
      handler: (request, reply) => {
        const { keyspace, tables } = checked(request, call, true);
        if (startsNothing(keyspace)) return sendValue(reply, NIL_UUID);
        if (isCleanup) refuseDuringTopologyChange(starter);
        return sendValue(reply, start(request, call, keyspace, tables).id);
      },
    });
    app.route({
      method: call.method,
      url: `/storage_service/${call.path}/:keyspace`,
      handler: async (request, reply) => {
        const { keyspace, tables } = checked(request, call, false);
        if (startsNothing(keyspace)) return sendValue(reply, 0);
        if (isCleanup) refuseDuringTopologyChange(starter);
        const task = start(request, call, keyspace, tables);
        await starter.end(request, task);
        if (call.path === "keyspace_scrub" && task.isAborting) return sendValue(reply, SCRUB_ABORTED);
        refuseFailed(task);
        return call.answer === undefined ? sendVoid(reply) : sendValue(reply, call.answer(task));
      },
    });
  }

  app.post("/storage_service/compact", async (request, reply) => {
    const parameters = ["flush_memtables", "consider_only_existing_data"];
    refuseUnknown(request, parameters, release);
    for (const name of parameters) lenientBoolean(request, name, false);
    const names = starter.schema.keyspaces.map(({ name }) => name);
    const task = starter.launch(request, globalCompaction(names, starter.faultOptionsOf(request)));
    await starter.end(request, task);
    refuseFailed(task);
    return sendVoid(reply);
  });

  app.post("/storage_service/cleanup_all", async (request, reply) => {
    const isGlobal = release.hasGlobalCleanup && exactBoolean(request, "global", true);
    const names = starter.schema.keyspaces.filter(needsCleanup).map(({ name }) => name);
    const options = starter.faultOptionsOf(request);
    let tasks: Task[];
    if (isGlobal) {
      // No user task, and no task for the whole (operations: Compactions).
      tasks = starter.manager.nodes
        .filter(({ isUp }) => isUp)
        .flatMap((node) =>
          names.map((name) =>
            starter.launch(
              request,
              keyspaceCompaction("cleanup compaction", name, { isUserTask: false, ...options }),
              node,
            ),
          ),
        );
    } else {
      refuseDuringTopologyChange(starter);
      tasks = [starter.launch(request, globalCleanup(names, options), nodeOf(request))];
    }
    await Promise.all(tasks.map((task) => starter.end(request, task)));
    for (const task of tasks) refuseFailed(task);
    return sendValue(reply, 0);
  });
}

function needsCleanup({ replication }: KeyspaceSchema): boolean {
  return replication === "vnodes";
}

/** @throws {HttpError} 400 in releases that refuse unknown parameters; others ignore them */
function refuseUnknown(request: FastifyRequest, known: readonly string[], release: Release): void {
  if (!release.refusesUnknownParameters) return;
  const unknown = Object.keys(request.query as object).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new HttpError(400, `Unsupported optional parameter '${unknown}'`);
}

function checkScrub(request: FastifyRequest, release: Release): void {
  const mode = word(request, "scrub_mode", SCRUB_MODES);
  word(request, "quarantine_mode", QUARANTINE_MODES);
  const modeInForce = mode ?? (lenientBoolean(request, "skip_corrupted", false) ? "SKIP" : "VALIDATE");
  for (const name of release.scrubParameters) {
    const needed = MODE_OF[name];
    if (strictBoolean(request, name, false) && modeInForce !== needed) {
      throw new HttpError(400, `The parameter '${name}' goes only with scrub_mode=${needed}`);
    }
  }
}

/** @throws {HttpError} 400 if it is not one of the words */
function word(request: FastifyRequest, name: string, words: readonly string[]): string | undefined {
  const value = queryParameter(request, name);
  if (value !== undefined && !words.includes(value)) {
    throw new HttpError(400, `Unknown argument for '${name}' parameter: ${value}`);
  }
  return value;
}

/** The node operations that change the topology; a rebuild does not. With their names on 6.2. */
const TOPOLOGY_CHANGES = ["bootstrap", "replace", "decommission", "remove node", "join", "leave", "remove"];

/** @throws {HttpError} 500 */
function refuseDuringTopologyChange({ manager }: OperationStarter): void {
  const [node] = manager.nodes;
  const listed = manager.clusterModules.has("node_ops") ? node?.list("node_ops") : undefined;
  const isChanging = listed?.some(
    ({ kind, type, state }) =>
      kind === "cluster" && TOPOLOGY_CHANGES.includes(type) && (state === "created" || state === "running"),
  );
  if (isChanging) {
    throw new HttpError(500, "std::runtime_error (Can not perform cleanup operation when topology changes)");
  }
}
