import { ManualClock } from "../../../src/mock/domain/clock.js";
import type { Node } from "../../../src/mock/domain/node.js";
import type { ShownTask } from "../../../src/mock/domain/shown-task.js";
import { TaskManager } from "../../../src/mock/domain/task-manager.js";
import { Random } from "../../../src/mock/random.js";
import { releaseOf } from "../../../src/mock/releases.js";
import { builtInScenario } from "../../../src/mock/scenarios/built-in.js";
import { Player } from "../../../src/mock/scenarios/player.js";
import type { Scenario } from "../../../src/mock/scenarios/scenario.js";

export interface Play {
  readonly clock: ManualClock;
  readonly manager: TaskManager;
  readonly node: Node;
}

interface PlanOptions {
  readonly release?: string;
  readonly nodes?: number;
  readonly seed?: number;
}

/** Plays a scenario, by a clock that the test advances. */
export function play(wanted: string | Scenario, { release = "latest", nodes, seed = 1 }: PlanOptions = {}): Play {
  const scenario = typeof wanted === "string" ? builtInScenario(wanted) : wanted;
  const clock = new ManualClock();
  const manager = new TaskManager({
    clock,
    release: releaseOf(release),
    ttlSeconds: scenario.ttlSeconds,
    userTtlSeconds: scenario.userTtlSeconds,
    nodes: Array.from({ length: nodes ?? scenario.nodes ?? 1 }, (_, index) => ({
      address: `127.0.0.${index + 1}`,
      hostId: new Random(seed, `host/${index}`).uuid(),
      datacenter: "",
      rack: "",
      shards: scenario.shards ?? 2,
    })),
  });
  new Player(manager, scenario, seed).start();
  return { clock, manager, node: manager.nodes[0] as Node };
}

/** What all nodes that are up list; each lists all cluster tasks. */
export function everythingOn(...nodes: readonly Node[]): ShownTask[] {
  return nodes
    .filter((node) => node.isUp)
    .flatMap((node) => node.moduleNames.flatMap((name) => node.list(name, { internal: true })));
}

/** A task and all of its descendants, on any node. */
export function wholeTree(root: ShownTask): ShownTask[] {
  const tree = [root];
  for (let i = 0; i < tree.length; i++) for (const child of (tree[i] as ShownTask).children) tree.push(child);
  return tree;
}
