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
import { exactBoolean, lenientBoolean, pathParameter, queryParameter, strictBoolean } from "../../parameters.js";
import { Refusal } from "../../refusal.js";
import { refuseFailed, type Starting } from "./starting.js";

/** A compaction of a keyspace, and how its two calls read their parameters (rest-api: The tasks API; operations: Compactions). */
interface CompactionCall {
  readonly path: string;
  readonly method: "GET" | "POST";
  readonly type: KeyspaceCompaction;
  readonly strict?: readonly string[];
  readonly lenient?: readonly string[];
  readonly check?: (request: FastifyRequest, release: Release) => void;
  /** All parameters that it knows besides `cf`, where some releases refuse others. */
  readonly known?: (release: Release, isAsynchronous: boolean) => readonly string[];
  /** What the synchronous call answers in the end; nothing where it is void. */
  readonly answer?: (task: Task) => unknown;
}

const SCRUB_MODES = ["ABORT", "SKIP", "SEGREGATE", "VALIDATE"];
const QUARANTINE_MODES = ["INCLUDE", "EXCLUDE", "ONLY"];
/** With which mode a parameter of a scrub goes. */
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

/** Adds the compactions: those of a keyspace in two forms, one of which waits for the end, and those of all keyspaces. */
export function addCompactionRoutes(app: FastifyInstance, starting: Starting): void {
  const { release, nodeOf } = starting;

  const checked = (request: FastifyRequest, call: CompactionCall, isAsynchronous: boolean) => {
    const keyspace = starting.keyspace(pathParameter(request, "keyspace"));
    const known = call.known?.(release, isAsynchronous);
    if (known !== undefined) refuseUnknown(request, ["cf", ...known], release);
    const tables = starting.tables(request, keyspace, "cf");
    for (const name of call.strict ?? []) strictBoolean(request, name, false);
    for (const name of call.lenient ?? []) {
      // What a release does not know it does not read.
      if (known?.includes(name) ?? true) lenientBoolean(request, name, false);
    }
    call.check?.(request, release);
    return { keyspace, tables };
  };
  const start = (request: FastifyRequest, call: CompactionCall, keyspace: KeyspaceSchema, tables: readonly string[]) =>
    starting.launch(request, keyspaceCompaction(call.type, keyspace.name, { tables, ...starting.stagingOf(request) }));

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
        if (isCleanup) refuseDuringTopologyChange(starting);
        return sendValue(reply, start(request, call, keyspace, tables).id);
      },
    });
    app.route({
      method: call.method,
      url: `/storage_service/${call.path}/:keyspace`,
      handler: async (request, reply) => {
        const { keyspace, tables } = checked(request, call, false);
        if (startsNothing(keyspace)) return sendValue(reply, 0);
        if (isCleanup) refuseDuringTopologyChange(starting);
        const task = start(request, call, keyspace, tables);
        await starting.end(request, task);
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
    const names = starting.schema.keyspaces.map(({ name }) => name);
    const task = starting.launch(request, globalCompaction(names, starting.stagingOf(request)));
    await starting.end(request, task);
    refuseFailed(task);
    return sendVoid(reply);
  });

  app.post("/storage_service/cleanup_all", async (request, reply) => {
    const isGlobal = release.hasGlobalCleanup && exactBoolean(request, "global", true);
    const names = starting.schema.keyspaces.filter(needsCleanup).map(({ name }) => name);
    const staging = starting.stagingOf(request);
    let tasks: Task[];
    if (isGlobal) {
      // Not of a user, and no task for the whole.
      tasks = starting.manager.nodes
        .filter(({ isUp }) => isUp)
        .flatMap((node) =>
          names.map((name) =>
            starting.launch(
              request,
              keyspaceCompaction("cleanup compaction", name, { isUserTask: false, ...staging }),
              node,
            ),
          ),
        );
    } else {
      refuseDuringTopologyChange(starting);
      tasks = [starting.launch(request, globalCleanup(names, staging), nodeOf(request))];
    }
    await Promise.all(tasks.map((task) => starting.end(request, task)));
    for (const task of tasks) refuseFailed(task);
    return sendValue(reply, 0);
  });
}

function needsCleanup({ replication }: KeyspaceSchema): boolean {
  return replication === "vnodes";
}

/** @throws {Refusal} 400 of releases that refuse what they do not know; others ignore it */
function refuseUnknown(request: FastifyRequest, known: readonly string[], release: Release): void {
  if (!release.refusesUnknownParameters) return;
  const unknown = Object.keys(request.query as object).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Refusal(400, `Unsupported optional parameter '${unknown}'`);
}

function checkScrub(request: FastifyRequest, release: Release): void {
  const mode = word(request, "scrub_mode", SCRUB_MODES);
  word(request, "quarantine_mode", QUARANTINE_MODES);
  const modeInForce = mode ?? (lenientBoolean(request, "skip_corrupted", false) ? "SKIP" : "VALIDATE");
  for (const name of release.scrubParameters) {
    const needed = MODE_OF[name];
    if (strictBoolean(request, name, false) && modeInForce !== needed) {
      throw new Refusal(400, `The parameter '${name}' goes only with scrub_mode=${needed}`);
    }
  }
}

function word(request: FastifyRequest, name: string, words: readonly string[]): string | undefined {
  const value = queryParameter(request, name);
  if (value !== undefined && !words.includes(value)) {
    throw new Refusal(400, `Unknown argument for '${name}' parameter: ${value}`);
  }
  return value;
}

/** Operations by which nodes come and go; a rebuild changes nothing of who owns what. */
const TOPOLOGY_CHANGES = ["bootstrap", "replace", "decommission", "remove node", "join", "leave", "remove"];

/** @throws {Refusal} 500 */
function refuseDuringTopologyChange({ manager }: Starting): void {
  const [node] = manager.nodes;
  const listed = manager.clusterModules.has("node_ops") ? node?.list("node_ops") : undefined;
  const isChanging = listed?.some(
    ({ kind, type, state }) =>
      kind === "cluster" && TOPOLOGY_CHANGES.includes(type) && (state === "created" || state === "running"),
  );
  if (isChanging) {
    throw new Refusal(500, "std::runtime_error (Can not perform cleanup operation when topology changes)");
  }
}
