import type { Scenario, TaskPlan } from "./scenario.js";

/** How many tasks a scenario may make before it starts, counting all rounds of repeated ones, and in its first round. */
const MOST = 1_000_000;
/** How many levels a tree may have. */
const MOST_LEVELS = 100;

/** What decides how many tasks `each` makes. */
interface ClusterSize {
  readonly nodes: number;
  readonly shards: number;
}

/**
 * Checks that a scenario does not make more tasks than memory can hold, before any is made.
 * @throws RangeError that names the field
 */
export function checkLimits(scenario: Scenario, cluster: ClusterSize): void {
  let tasks = 0;
  for (const [index, plan] of scenario.tasks.entries()) {
    const path = `tasks[${index}]`;
    tasks += countOf(plan, path, undefined, scenario, cluster, 1) * firstRounds(plan);
    refuseAbove("tasks", tasks, path);
  }
  for (const [index, outage] of (scenario.outages ?? []).entries()) {
    refuseAbove("outages", firstRounds(outage), `outages[${index}]`);
  }
}

/** How many rounds begin before the start of the mock; at least the first. */
function firstRounds({ afterSeconds = 0, everySeconds }: Pick<TaskPlan, "afterSeconds" | "everySeconds">): number {
  return everySeconds === undefined || afterSeconds >= 0 ? 1 : 1 + Math.floor(-afterSeconds / everySeconds);
}

function countOf(
  plan: TaskPlan,
  path: string,
  parent: TaskPlan | undefined,
  scenario: Scenario,
  cluster: ClusterSize,
  level: number,
): number {
  if (level > MOST_LEVELS) {
    const [root] = path.split(".");
    throw new RangeError(`${root}: too many levels of children: at most ${MOST_LEVELS}`);
  }
  const inherited = { ...plan, keyspace: plan.keyspace ?? parent?.keyspace, tables: plan.tables ?? parent?.tables };
  let tasks = 1;
  for (const [index, child] of (plan.children ?? []).entries()) {
    tasks += countOf(child, `${path}.children[${index}]`, inherited, scenario, cluster, level + 1);
  }
  const isOnOneNode = parent !== undefined && parent.kind !== "cluster";
  tasks *= repeatsOf(inherited, isOnOneNode, scenario, cluster);
  refuseAbove("tasks", tasks, path);
  return tasks;
}

function repeatsOf(plan: TaskPlan, isOnOneNode: boolean, scenario: Scenario, cluster: ClusterSize): number {
  switch (plan.each) {
    case undefined:
      return plan.copies ?? 1;
    case "node":
      return isOnOneNode ? 1 : cluster.nodes;
    case "shard":
      return cluster.shards;
    case "table":
      return (plan.tables ?? scenario.keyspaces.find(({ name }) => name === plan.keyspace)?.tables ?? []).length;
  }
}

function refuseAbove(what: string, count: number, path: string): void {
  if (count <= MOST) return;
  const [made, most] = [count, MOST].map((each) => each.toLocaleString("en"));
  throw new RangeError(`${path}: too many ${what}: ${made}, at most ${most}`);
}
