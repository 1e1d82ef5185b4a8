import type { FastifyInstance, FastifyRequest } from "fastify";
import { type KeyspaceCompaction, keyspaceCompaction } from "../../scenarios/catalogue.js";
import type { Player } from "../../scenarios/player.js";
import type { Topology } from "../../scenarios/scenario.js";
import { sendValue } from "../answers.js";
import type { NodeOf } from "../app.js";
import { lenientBoolean, namesParameter, pathParameter, strictBoolean, wordParameter } from "../parameters.js";
import { Refusal } from "../refusal.js";

interface Operation {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly type: KeyspaceCompaction;
  readonly booleans?: readonly string[];
  readonly lenientBooleans?: readonly string[];
  readonly words?: Readonly<Record<string, readonly string[]>>;
}

/** The asynchronous forms of synchronous operations (rest-api: The tasks API). Two are GET, though they start work. */
const OPERATIONS: readonly Operation[] = [
  {
    method: "POST",
    path: "keyspace_compaction",
    type: "major compaction",
    lenientBooleans: ["flush_memtables", "consider_only_existing_data"],
  },
  { method: "POST", path: "keyspace_cleanup", type: "cleanup compaction" },
  { method: "POST", path: "keyspace_offstrategy_compaction", type: "offstrategy compaction" },
  {
    method: "GET",
    path: "keyspace_scrub",
    type: "scrub sstables compaction",
    booleans: ["disable_snapshot"],
    lenientBooleans: ["skip_corrupted"],
    words: {
      scrub_mode: ["ABORT", "SKIP", "SEGREGATE", "VALIDATE"],
      quarantine_mode: ["INCLUDE", "EXCLUDE", "ONLY"],
    },
  },
  {
    method: "GET",
    path: "keyspace_upgrade_sstables",
    type: "upgrade sstables compaction",
    booleans: ["exclude_current_version"],
  },
];

/** Adds the calls that start real work, here a tree of the operation's type over the scenario's tables. */
export function addOperationRoutes(app: FastifyInstance, player: Player, topology: Topology, nodeOf: NodeOf): void {
  for (const { method, path, type, booleans = [], lenientBooleans = [], words = {} } of OPERATIONS) {
    app.route({
      method,
      url: `/tasks/compaction/${path}/:keyspace`,
      handler: (request, reply) => {
        const keyspace = pathParameter(request, "keyspace");
        const tables = requestedTables(request, topology, keyspace);
        for (const name of booleans) strictBoolean(request, name, false);
        for (const name of lenientBooleans) lenientBoolean(request, name, false);
        for (const [name, choices] of Object.entries(words)) wordParameter(request, name, choices);
        const task = player.launch(keyspaceCompaction(type, keyspace, { tables }), nodeOf(request));
        return sendValue(reply, task.id);
      },
    });
  }
}

function requestedTables(request: FastifyRequest, topology: Topology, keyspaceName: string): readonly string[] {
  const keyspace = topology.keyspaces.find((candidate) => candidate.name === keyspaceName);
  if (keyspace === undefined) throw new Refusal(400, `Can't find a keyspace ${keyspaceName}`);
  const tables = namesParameter(request, "cf") ?? keyspace.tables;
  for (const table of tables) {
    if (!keyspace.tables.includes(table))
      throw new Refusal(400, `Can't find a column family ${table} in keyspace ${keyspaceName}`);
  }
  return tables;
}
