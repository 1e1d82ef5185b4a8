import {
  automaticRepair,
  backup,
  clusterBackup,
  globalCleanup,
  globalCompaction,
  keyspaceCompaction,
  keyspaceRepair,
  migrationToTablets,
  nodeOperation,
  ownOffstrategyCompaction,
  type PlanOptions,
  pow2Convergence,
  regularCompaction,
  repairOfNodeOperation,
  replicationChange,
  restore,
  rewrite,
  tabletRepair,
  tabletTask,
} from "./catalogue.js";
import { KEYSPACES } from "./keyspaces.js";
import type { Scenario, TaskPlan } from "./scenario.js";

const DAY_SECONDS = 86_400;

const WAITING: PlanOptions = { queuedSeconds: DAY_SECONDS };
const RUNNING: PlanOptions = { afterSeconds: -60, runsSeconds: DAY_SECONDS };
const DONE: PlanOptions = { afterSeconds: -600, runsSeconds: 120 };
const FAILED: PlanOptions = { ...DONE, error: "std::runtime_error (boom)" };
const ABORTED: PlanOptions = { afterSeconds: -600, runsSeconds: DAY_SECONDS, abortedAfterSeconds: 60 };
/** A node operation can be aborted only while it is queued (semantics 24). */
const ABORTED_IN_TIME: PlanOptions = { ...ABORTED, queuedSeconds: DAY_SECONDS };

/** For tasks whose end only a wait can see. */
const ABOUT_TO_END: PlanOptions = { afterSeconds: 1, runsSeconds: 30 };
const ABOUT_TO_FAIL: PlanOptions = { ...ABOUT_TO_END, error: "std::runtime_error (boom)" };
const ABOUT_TO_BE_SET_ASIDE: PlanOptions = { ...ABOUT_TO_END, isSuspended: true };

/** One plan for each state of a node task; the last one was aborted. */
const inEachState = (plan: (options: PlanOptions) => TaskPlan): TaskPlan[] =>
  [WAITING, RUNNING, DONE, FAILED, ABORTED].map(plan);

const compactions: TaskPlan[] = [
  inEachState((options) => globalCompaction(["shop", "accounts"], options)),
  inEachState((options) => globalCleanup(["shop", "accounts"], options)),
  inEachState((options) => keyspaceCompaction("major compaction", "shop", options)),
  inEachState((options) => keyspaceCompaction("cleanup compaction", "shop", options)),
  inEachState((options) => keyspaceCompaction("offstrategy compaction", "shop", options)),
  inEachState((options) => keyspaceCompaction("upgrade sstables compaction", "shop", options)),
  inEachState((options) => keyspaceCompaction("scrub sstables compaction", "shop", options)),
  inEachState((options) => ownOffstrategyCompaction("shop", "orders", options)),
  inEachState((options) => rewrite("reshaping compaction", "shop", "orders", options)),
  inEachState((options) => rewrite("resharding compaction", "shop", "orders", options)),
  // These are never kept after their end.
  [WAITING, RUNNING].map((options) => regularCompaction("shop", "orders", options)),
].flat();

const repairs: TaskPlan[] = [
  inEachState((options) => keyspaceRepair("shop", options)),
  ...(["bootstrap", "replace", "rebuild", "decommission", "removenode"] as const).map((type) =>
    inEachState((options) => repairOfNodeOperation(type, "shop", options)),
  ),
].flat();

const copies: TaskPlan[] = [
  inEachState((options) => backup("shop", 3, options)),
  inEachState((options) => clusterBackup("telemetry", "readings", 8, options)),
  inEachState((options) => restore("download_sstables", "shop", 40, options)),
  inEachState((options) => restore("restore_tablets", "telemetry", 640, options)),
].flat();

const STATES_OF_REQUESTS = [WAITING, RUNNING, DONE, FAILED];

const clusterTasks: TaskPlan[] = [
  ...(["bootstrap", "replace", "rebuild", "decommission", "remove node"] as const).map((type) =>
    STATES_OF_REQUESTS.map((options) => nodeOperation(type, 2, options)),
  ),
  nodeOperation("rebuild", 1, ABORTED_IN_TIME),
  nodeOperation("decommission", 1, ABORTED_IN_TIME),
  nodeOperation("remove node", 1, ABORTED_IN_TIME),
  [...STATES_OF_REQUESTS, ABORTED].map((options) => replicationChange("telemetry", options)),
  // Listed until they end; the status of ended repairs can still be read by id.
  [WAITING, RUNNING, DONE, ABORTED, ABOUT_TO_END].map((options) => [
    tabletRepair("telemetry", "readings", 6, options),
    automaticRepair("telemetry", "devices", options),
  ]),
  [WAITING, RUNNING, ABOUT_TO_END, ABOUT_TO_FAIL].map((options) => [
    tabletTask("migration", "telemetry", "readings", options),
    tabletTask("intranode_migration", "telemetry", "readings", options),
  ]),
  [WAITING, RUNNING, ABOUT_TO_END, ABOUT_TO_BE_SET_ASIDE].map((options) => [
    tabletTask("split", "telemetry", "readings", options),
    tabletTask("merge", "telemetry", "devices", options),
  ]),
  migrationToTablets("accounts", "sessions", RUNNING),
  migrationToTablets("shop", "orders", ABOUT_TO_BE_SET_ASIDE),
  pow2Convergence("telemetry", [{ table: "readings", tablets: 48, target: 32 }], RUNNING),
].flat(2);

/** Every type of task that the release has, in each state that it can be in. */
export const everythingScenario: Scenario = {
  name: "everything",
  description: "one of each type of task that the release has, in each state that it can be in",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  nodes: 3,
  // So that tasks that no user started stay visible too.
  ttlSeconds: DAY_SECONDS,
  userTtlSeconds: DAY_SECONDS,
  tasks: [...compactions, ...repairs, ...copies, ...clusterTasks],
};
