import * as v from "valibot";
import { faultSchema } from "./fault.js";
import {
  amount,
  index,
  intervalSeconds,
  list,
  name,
  needed,
  optional,
  seconds,
  signedSeconds,
  ttlSeconds,
  wholeNumber,
} from "./schema-fields.js";

/**
 * What a scenario is, written once: files are checked against these schemas, the types are inferred from them, and
 * `schema/scenario.schema.json`, which editors read, is made of them.
 */

const MOST_COPIES = 1_000_000;

const keyspaceSchema = v.pipe(
  v.strictObject({
    name,
    tables: list(name),
    replication: optional(
      v.picklist(["vnodes", "tablets", "local"]),
      "How it is spread over the cluster. Default `vnodes`; `local` is a keyspace that each node has for itself.",
    ),
    tablets: optional(
      wholeNumber(1, 1024),
      "How many tablets each of its tables has, where it has tablets. Default 8.",
    ),
    views: optional(list(name), "Its materialized views, which are tables besides `tables`."),
    colocated: optional(
      v.pipe(v.record(name, name), v.readonly()),
      "Tables besides `tables` whose tablets are those of another: that one by their name.",
    ),
    snapshots: optional(list(name), "The snapshots that its tables have."),
  }),
  v.readonly(),
);

const outageSchema = v.pipe(
  v.strictObject({
    node: needed(index, "The node by its place in the cluster, from 0. Where there is no such node, nothing happens."),
    afterSeconds: needed(signedSeconds, "After the start of the mock; negative: before it."),
    downSeconds: optional(seconds, "Until it is back. Absent: it stays away."),
    everySeconds: optional(intervalSeconds, "Goes down again, this long after the last time."),
  }),
  v.readonly(),
);

/** What roots and children have in common, but for their own children. */
const taskEntries = {
  type: needed(name, "The operation, such as `repair` or `major compaction`."),
  scope: needed(name, "Which part of the operation: `cluster`, `global`, `keyspace`, `shard`, `table`, ..."),
  kind: optional(
    v.picklist(["node", "cluster"]),
    "`cluster` where it spans the cluster: at the top, or as the child of another such task.",
  ),
  keyspace: optional(v.string(), "The keyspace. A child has its parent's."),
  table: optional(v.string(), "The table. A child has its parent's."),
  tables: optional(list(name), "The tables over which `each: table` goes; all of the keyspace, where absent."),
  entity: optional(v.string(), "What else it works on."),
  entityNode: optional(
    index,
    "Its entity is the host id of this node: its place in the cluster, from 0, counted modulo the number of nodes.",
  ),
  units: optional(v.string(), "The units of its progress. A child has its parent's."),
  node: optional(
    index,
    "A node by its place in the cluster, from 0; counted modulo the number of nodes. A child of a node task runs where its parent does.",
  ),
  shard: optional(index, "A shard, from 0; counted modulo the number of the node's shards. A child has its parent's."),
  isAbortable: optional(v.boolean(), "It can be aborted."),
  isUserTask: optional(
    v.boolean(),
    "A user started it, so that `userTtlSeconds` governs it. A child has its parent's.",
  ),
  isStartedInternally: optional(v.boolean(), "An internal process started it: lists leave it out unless asked for."),
  isTransient: optional(v.boolean(), "It goes as soon as it ends, whatever the ttl."),
  each: optional(
    v.picklist(["node", "shard", "table"]),
    "One task for each node (a child of a node task has but the node of its parent), each shard of its node, or each table of its keyspace. Their durations and totals differ by up to a fifth.",
  ),
  copies: optional(
    wholeNumber(1, MOST_COPIES),
    "So many of the like, which differ as those of `each` do. Not together with `each`.",
  ),
  queuedSeconds: optional(seconds, "For how long it stays `created`."),
  runsSeconds: optional(
    seconds,
    "How long it runs. Absent: until its children have ended; without children, until it is aborted.",
  ),
  total: optional(amount, "The work of a task without children, in its units."),
  finalTotal: optional(amount, "The work as it turns out to be when it ends: `total` grows or shrinks towards it."),
  completed: optional(
    amount,
    "How much of the work is done when it ends; all of it, unless it fails. May be more than there is.",
  ),
  expectedTotal: optional(amount, "The total of a task with children, known in advance."),
  error: optional(name, "It fails with this."),
  abortedAfterSeconds: optional(seconds, "Someone aborts it, this long after it was created."),
  ignoresAbort: optional(v.boolean(), "An abort comes too late for it: it is taken, and changes nothing."),
  isSuspended: optional(v.boolean(), "It ends set aside, on servers that can; on others it is done."),
};

/** A task's fields; its children are left to the type that refers to itself. */
const plainTaskSchema = v.strictObject({
  ...taskEntries,
  module: optional(name, "The module that lists it. A child has its parent's."),
  afterSeconds: optional(seconds, "When it is created, after the start of its parent."),
});

/**
 * One task: when it appears, what it does, how it ends. What a child does not say of module, keyspace, table, node, shard, units and whether a
 * user started it, it has from its parent.
 */
export interface TaskPlan extends Readonly<v.InferOutput<typeof plainTaskSchema>> {
  /** Creates the like again, this long after the last one. Only for roots. */
  readonly everySeconds?: number | undefined;
  readonly children?: readonly TaskPlan[] | undefined;
}

const CHILDREN = "Its children.";
const EVERY = "Creates the like again, this long after the last one.";

/** What no field can say of itself alone, each rule with the words for one who broke it. */
export const REPEATED_TWICE = "each and copies exclude each other";
export const NAMED_TWICE = "entity and entityNode exclude each other";
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
    module: needed(name, "The module that lists it."),
    afterSeconds: optional(signedSeconds, "When it is created, after the start of the mock; negative: before it."),
    everySeconds: optional(intervalSeconds, EVERY),
    children: optional(list(childSchema), CHILDREN),
  }),
  v.check((task) => isRepeatedOnce(task), REPEATED_TWICE),
  v.check((task) => isNamedOnce(task), NAMED_TWICE),
  v.check((task) => hasTotal(task), TOTAL_MISSING),
  v.check((task) => hasChildrenOfItsKind(task), CLUSTER_BELOW_NODE),
);

/** A scenario's file: everything may be left out. */
export const scenarioFileSchema = v.pipe(
  v.strictObject({
    $schema: optional(v.string(), "Where this schema is, for editors."),
    name: optional(name, "Its name; the file's, where absent. Ids follow from it."),
    description: optional(v.string(), "What happens in it."),
    clusterName: optional(v.string(), "The name of the cluster."),
    nodes: optional(wholeNumber(1, 1000), "How many nodes it is made for, where the caller does not say. Default 1."),
    shards: optional(wholeNumber(1, 1024), "How many shards each node has, where the caller does not say. Default 2."),
    ttlSeconds: optional(ttlSeconds, "How long finished tasks stay that no user started. Default 0."),
    userTtlSeconds: optional(
      v.union([ttlSeconds, list(ttlSeconds)]),
      "How long finished tasks that a user started are kept; a list gives each node its own, and the last one is for all nodes after it. Default 3600.",
    ),
    keyspaces: optional(list(keyspaceSchema), "The keyspaces and their tables."),
    datacenters: optional(
      v.pipe(list(name), v.minLength(1)),
      "The datacenters, to which the nodes belong in turn. Default `datacenter1` alone.",
    ),
    endpoints: optional(
      list(name),
      "The endpoints of object storage that the nodes are configured for. Default `s3.example.com`.",
    ),
    tasks: optional(list(rootSchema), "The tasks."),
    outages: optional(list(outageSchema), "Nodes that go down and come back."),
    faults: optional(list(faultSchema), "What goes wrong with requests. Of several that fit, the first one happens."),
  }),
  v.title("Scenario of the mock of scylla-tasks"),
  v.description("What runs on the mock: see docs/mock.md."),
);

/** What a scenario file may say. */
export type ScenarioFile = Readonly<Omit<v.InferOutput<typeof scenarioFileSchema>, "$schema">>;

/** A keyspace and the names of its tables. */
export type Keyspace = v.InferOutput<typeof keyspaceSchema>;

/** A node goes down: it refuses connections, and its tasks are gone. */
export type Outage = v.InferOutput<typeof outageSchema>;

/** What there is for tasks to work on. */
export type Topology = Required<Pick<ScenarioFile, "clusterName" | "keyspaces">> &
  Pick<ScenarioFile, "datacenters" | "endpoints">;

/** What runs on the mock: data, played by a `Player`. */
export type Scenario = Topology & Required<Pick<ScenarioFile, "name" | "description" | "tasks">> & ScenarioFile;
