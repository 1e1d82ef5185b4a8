/** The mock of ScyllaDB's task manager, for tests. */
export { type MockCluster, startMockCluster } from "./cluster.js";
export { type Clock, ManualClock, type Scheduled } from "./domain/clock.js";
export type { Progress } from "./domain/progress.js";
export type { ShownTask } from "./domain/shown-task.js";
export type { Task } from "./domain/task.js";
export type { HandDrivenTask } from "./hand-driven.js";
export type { GenerationName, MockClusterOptions } from "./options.js";
export { RELEASE_NAMES, type ReleaseName } from "./releases.js";
export type { ReceivedRequest } from "./request-log.js";
export { SCENARIO_NAMES } from "./scenarios/built-in.js";
export type { Fault } from "./scenarios/fault.js";
export type { Keyspace, Outage, Scenario, ScenarioFile, TaskPlan, Topology } from "./scenarios/scenario.js";
