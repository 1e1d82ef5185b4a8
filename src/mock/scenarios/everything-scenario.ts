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
  pow2Convergence,
  regularCompaction,
  repairOfNodeOperation,
  replicationChange,
  restore,
  rewrite,
  type Staging,
  tabletRepair,
  tabletTask,
} from "./catalogue.js";
import { KEYSPACES } from "./keyspaces.js";
import type { Scenario, TaskPlan } from "./scenario.js";

const DAY_SECONDS = 86_400;

const WAITING: Staging = { queuedSeconds: DAY_SECONDS };
const RUNNING: Staging = { afterSeconds: -60, runsSeconds: DAY_SECONDS };
const DONE: Staging = { afterSeconds: -600, runsSeconds: 120 };
const FAILED: Staging = { ...DONE, error: "std::runtime_error (boom)" };
const ABORTED: Staging = { afterSeconds: -600, runsSeconds: DAY_SECONDS, abortedAfterSeconds: 60 };
/** A node operation can be aborted only while it waits (semantics 24). */
const ABORTED_IN_TIME: Staging = { ...ABORTED, queuedSeconds: DAY_SECONDS };

/** What ends in its own way, seen by those who wait for it. */
const ABOUT_TO_END: Staging = { afterSeconds: 1, runsSeconds: 30 };
const ABOUT_TO_FAIL: Staging = { ...ABOUT_TO_END, error: "std::runtime_error (boom)" };
const ABOUT_TO_BE_SET_ASIDE: Staging = { ...ABOUT_TO_END, isSuspended: true };

/** The states that node tasks can be in; the last one as an abort leaves it. */
const inEachState = (plan: (staging: Staging) => TaskPlan): TaskPlan[] =>
  [WAITING, RUNNING, DONE, FAILED, ABORTED].map(plan);

const compactions: TaskPlan[] = [
  inEachState((staging) => globalCompaction(["shop", "accounts"], staging)),
  inEachState((staging) => globalCleanup(["shop", "accounts"], staging)),
  inEachState((staging) => keyspaceCompaction("major compaction", "shop", staging)),
  inEachState((staging) => keyspaceCompaction("cleanup compaction", "shop", staging)),
  inEachState((staging) => keyspaceCompaction("offstrategy compaction", "shop", staging)),
  inEachState((staging) => keyspaceCompaction("upgrade sstables compaction", "shop", staging)),
  inEachState((staging) => keyspaceCompaction("scrub sstables compaction", "shop", staging)),
  inEachState((staging) => ownOffstrategyCompaction("shop", "orders", staging)),
  inEachState((staging) => rewrite("reshaping compaction", "shop", "orders", staging)),
  inEachState((staging) => rewrite("resharding compaction", "shop", "orders", staging)),
  // Servers do not keep those that have ended.
  [WAITING, RUNNING].map((staging) => regularCompaction("shop", "orders", staging)),
].flat();

const repairs: TaskPlan[] = [
  inEachState((staging) => keyspaceRepair("shop", staging)),
  ...(["bootstrap", "replace", "rebuild", "decommission", "removenode"] as const).map((type) =>
    inEachState((staging) => repairOfNodeOperation(type, "shop", staging)),
  ),
].flat();

const copies: TaskPlan[] = [
  inEachState((staging) => backup("shop", 3, staging)),
  inEachState((staging) => clusterBackup("telemetry", "readings", 8, staging)),
  inEachState((staging) => restore("download_sstables", "shop", 40, staging)),
  inEachState((staging) => restore("restore_tablets", "telemetry", 640, staging)),
].flat();

const STATES_OF_REQUESTS = [WAITING, RUNNING, DONE, FAILED];

const clusterTasks: TaskPlan[] = [
  ...(["bootstrap", "replace", "rebuild", "decommission", "remove node"] as const).map((type) =>
    STATES_OF_REQUESTS.map((staging) => nodeOperation(type, 2, staging)),
  ),
  nodeOperation("rebuild", 1, ABORTED_IN_TIME),
  nodeOperation("decommission", 1, ABORTED_IN_TIME),
  nodeOperation("remove node", 1, ABORTED_IN_TIME),
  [...STATES_OF_REQUESTS, ABORTED].map((staging) => replicationChange("telemetry", staging)),
  // Listed only while they last; some of the ended ones can be asked for by their ids.
  [WAITING, RUNNING, DONE, ABORTED, ABOUT_TO_END].map((staging) => [
    tabletRepair("telemetry", "readings", 6, staging),
    automaticRepair("telemetry", "devices", staging),
  ]),
  [WAITING, RUNNING, ABOUT_TO_END, ABOUT_TO_FAIL].map((staging) => [
    tabletTask("migration", "telemetry", "readings", staging),
    tabletTask("intranode_migration", "telemetry", "readings", staging),
  ]),
  [WAITING, RUNNING, ABOUT_TO_END, ABOUT_TO_BE_SET_ASIDE].map((staging) => [
    tabletTask("split", "telemetry", "readings", staging),
    tabletTask("merge", "telemetry", "devices", staging),
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
  // So that what no user started stays in sight too.
  ttlSeconds: DAY_SECONDS,
  userTtlSeconds: DAY_SECONDS,
  tasks: [...compactions, ...repairs, ...copies, ...clusterTasks],
};
