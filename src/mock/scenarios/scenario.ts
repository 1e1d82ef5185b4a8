import * as v from "valibot";
import { faultSchema } from "./fault.js";
import {
  amount,
  index,
  intervalSeconds,
  list,
  name,
  optional,
  required,
  seconds,
  signedSeconds,
  ttlSeconds,
  wholeNumber,
} from "./schema-fields.js";

/**
 * The definition of scenarios. Files are checked against these schemas, the types are inferred from them, and
 * `schema/scenario.schema.json`, for editors, is generated from them.
 */

const MOST_COPIES = 1_000_000;

const keyspaceSchema = v.pipe(
  v.strictObject({
    name,
    tables: list(name),
    replication: optional(
      v.picklist(["vnodes", "tablets", "local"]),
      "How it is replicated. Default `vnodes`; `local` is a keyspace that each node keeps for itself.",
    ),
    tablets: optional(wholeNumber(1, 1024), "The number of tablets of each of its tables, with `tablets`. Default 8."),
    views: optional(list(name), "Its materialized views, in addition to `tables`."),
    colocated: optional(
      v.pipe(v.record(name, name), v.readonly()),
      "Colocated tables, in addition to `tables`: the base table of each, by its name.",
    ),
    snapshots: optional(list(name), "The snapshots of its tables."),
  }),
  v.readonly(),
);

const outageSchema = v.pipe(
  v.strictObject({
    node: required(index, "The node by its index in the cluster, from 0. If there is no such node, nothing happens."),
    afterSeconds: required(
      signedSeconds,
      "When it goes down, counted from the start of the mock; negative: before it.",
    ),
    downSeconds: optional(seconds, "How long it is down. Default: forever."),
    everySeconds: optional(intervalSeconds, "The interval after which it goes down again."),
  }),
  v.readonly(),
);

/** The fields that roots and children have in common, except `children`. */
const taskEntries = {
  type: required(name, "The operation, such as `repair` or `major compaction`."),
  scope: required(name, "Which part of the operation: `cluster`, `global`, `keyspace`, `shard`, `table`, ..."),
  kind: optional(
    v.picklist(["node", "cluster"]),
    "`cluster` if it spans the cluster: at the top, or as the child of another such task.",
  ),
  keyspace: optional(v.string(), "The keyspace. Default for a child: its parent's."),
  table: optional(v.string(), "The table. Default for a child: its parent's."),
  tables: optional(list(name), "The tables for `each: table`. Default: all tables of the keyspace."),
  entity: optional(v.string(), "Its entity, if it works on something else."),
  entityNode: optional(
    index,
    "Sets the entity to the host id of this node: its index in the cluster, from 0, modulo the number of nodes.",
  ),
  units: optional(v.string(), "The units of its progress. Default for a child: its parent's."),
  node: optional(
    index,
    "The node by its index in the cluster, from 0, modulo the number of nodes. A child of a node task runs on its parent's node.",
  ),
  shard: optional(
    index,
    "The shard, from 0, modulo the number of the node's shards. Default for a child: its parent's.",
  ),
  isAbortable: optional(v.boolean(), "Whether it can be aborted."),
  isUserTask: optional(
    v.boolean(),
    "Whether a user started it, so that `userTtlSeconds` applies. Default for a child: its parent's.",
  ),
  isStartedInternally: optional(
    v.boolean(),
    "Whether the server itself started it: lists leave it out unless asked for internal tasks.",
  ),
  isTransient: optional(v.boolean(), "Whether it is forgotten as soon as it ends, whatever the ttl."),
  each: optional(
    v.picklist(["node", "shard", "table"]),
    "Makes one task for each node (a child of a node task has only its parent's), each shard of its node, or each table of its keyspace. Their durations and totals vary by up to a fifth.",
  ),
  copies: optional(
    wholeNumber(1, MOST_COPIES),
    "Makes this many tasks, which vary like those of `each`. Not together with `each`.",
  ),
  queuedSeconds: optional(seconds, "How long it stays `created`."),
  runsSeconds: optional(
    seconds,
    "How long it runs. Default: until its children have ended; without children, until it is aborted.",
  ),
  total: optional(amount, "The work of a task without children, in its units."),
  finalTotal: optional(amount, "The total when it ends: `total` grows or shrinks towards it."),
  completed: optional(amount, "How much is done when it ends. Default: all, unless it fails. May exceed the total."),
  expectedTotal: optional(amount, "The total of a task with children, known in advance."),
  error: optional(name, "It fails with this."),
  abortedAfterSeconds: optional(seconds, "Somebody aborts it, this long after it was created."),
  ignoresAbort: optional(v.boolean(), "Whether an abort comes too late for it: it is accepted, and changes nothing."),
  isSuspended: optional(
    v.boolean(),
    "Whether it ends as suspended, on releases that support it; on others it is done.",
  ),
};

/** All fields of a child except `children`, which needs a type that refers to itself. */
const plainTaskSchema = v.strictObject({
  ...taskEntries,
  module: optional(name, "The module that lists it. Default for a child: its parent's."),
  afterSeconds: optional(seconds, "When it is created, counted from the start of its parent."),
});

/**
 * The plan of a task: when it is created, what it does, how it ends. A child inherits module, keyspace, table, tables, node, shard,
 * units and `isUserTask` from its parent.
 */
export interface TaskPlan extends Readonly<v.InferOutput<typeof plainTaskSchema>> {
  /** The interval after which the same task is created again. Only for roots. */
  readonly everySeconds?: number | undefined;
  readonly children?: readonly TaskPlan[] | undefined;
}

const CHILDREN = "Its children.";
const EVERY = "The interval after which the same task is created again.";

/** The messages of the rules that concern several fields. */
export const REPEATED_TWICE = "each and copies cannot be used together";
export const NAMED_TWICE = "entity and entityNode cannot be used together";
export const TOTAL_MISSING = "finalTotal and completed need a total";
export const CLUSTER_BELOW_NODE = "a cluster task cannot be the child of a node task";

const isRepeatedOnce = ({ each, copies }: TaskPlan): boolean => each === undefined || copies === undefined;
const isNamedOnce = ({ entity, entityNode }: TaskPlan): boolean => entity === undefined || entityNode === undefined;
const hasTotal = ({ total, finalTotal, completed }: TaskPlan): boolean =>
  total !== undefined || (finalTotal === undefined && completed === undefined);
const hasChildrenOfItsKind = ({ kind, children = [] }: TaskPlan): boolean =>
  kind === "cluster" || children.every((child) => child.kind !== "cluster");

export const childSchema: v.GenericSchema<TaskPlan> = v.pipe(
  v.strictObject({
    ...plainTaskSchema.entries,
    children: optional(list(v.lazy(() => childSchema)), CHILDREN),
  }),
  v.check((task) => isRepeatedOnce(task), REPEATED_TWICE),
  v.check((task) => isNamedOnce(task), NAMED_TWICE),
  v.check((task) => hasTotal(task), TOTAL_MISSING),
  v.check((task) => hasChildrenOfItsKind(task), CLUSTER_BELOW_NODE),
);

export const rootSchema: v.GenericSchema<unknown, TaskPlan> = v.pipe(
  v.strictObject({
    ...taskEntries,
    module: required(name, "The module that lists it."),
    afterSeconds: optional(
      signedSeconds,
      "When it is created, counted from the start of the mock; negative: before it.",
    ),
    everySeconds: optional(intervalSeconds, EVERY),
    children: optional(list(childSchema), CHILDREN),
  }),
  v.check((task) => isRepeatedOnce(task), REPEATED_TWICE),
  v.check((task) => isNamedOnce(task), NAMED_TWICE),
  v.check((task) => hasTotal(task), TOTAL_MISSING),
  v.check((task) => hasChildrenOfItsKind(task), CLUSTER_BELOW_NODE),
);

/** A scenario file; every field is optional. */
export const scenarioFileSchema = v.pipe(
  v.strictObject({
    $schema: optional(v.string(), "The location of this schema, for editors."),
    name: optional(name, "Its name. Default: the file's. Ids depend on it."),
    description: optional(v.string(), "What happens in it."),
    clusterName: optional(v.string(), "The name of the cluster."),
    nodes: optional(wholeNumber(1, 1000), "Default number of nodes. Default 1."),
    shards: optional(wholeNumber(1, 1024), "Default number of shards per node. Default 2."),
    ttlSeconds: optional(ttlSeconds, "How long finished tasks are kept that no user started. Default 0."),
    userTtlSeconds: optional(
      v.union([ttlSeconds, list(ttlSeconds)]),
      "How long finished tasks started by users are kept; a list has one value per node, and the last one is for all further nodes. Default 3600.",
    ),
    keyspaces: optional(list(keyspaceSchema), "The keyspaces and their tables."),
    datacenters: optional(
      v.pipe(list(name), v.minLength(1)),
      "The datacenters, assigned to the nodes in turn. Default: only `datacenter1`.",
    ),
    endpoints: optional(list(name), "The object storage endpoints configured on the nodes. Default `s3.example.com`."),
    tasks: optional(list(rootSchema), "The tasks."),
    outages: optional(list(outageSchema), "Nodes that go down and come back."),
    faults: optional(list(faultSchema), "Faults of requests. If several match, the first one applies."),
  }),
  v.title("Scenario of the mock of scylla-tasks"),
  v.description("A scenario for the mock: see docs/mock.md."),
);

/** The content of a scenario file. */
export type ScenarioFile = Readonly<Omit<v.InferOutput<typeof scenarioFileSchema>, "$schema">>;

/** A keyspace and the names of its tables. */
export type Keyspace = v.InferOutput<typeof keyspaceSchema>;

/** A time during which a node is down: it refuses connections, and has lost its tasks. */
export type Outage = v.InferOutput<typeof outageSchema>;

/** The cluster of a scenario: its name, keyspaces, datacenters and object storage endpoints. */
export type Topology = Required<Pick<ScenarioFile, "clusterName" | "keyspaces">> &
  Pick<ScenarioFile, "datacenters" | "endpoints">;

/** A scenario: data that a `Player` plays. */
export type Scenario = Topology & Required<Pick<ScenarioFile, "name" | "description" | "tasks">> & ScenarioFile;
