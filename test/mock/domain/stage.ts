import { ManualClock } from "../../../src/mock/domain/clock.js";
import type { Node } from "../../../src/mock/domain/node.js";
import type { ShownTask } from "../../../src/mock/domain/shown-task.js";
import type { NewTask, Task } from "../../../src/mock/domain/task.js";
import { TaskManager } from "../../../src/mock/domain/task-manager.js";
import { Random } from "../../../src/mock/random.js";
import { releaseOf } from "../../../src/mock/releases.js";

type Wishes = Partial<NewTask> & { module?: string; node?: number };

interface StageOptions {
  readonly release?: string;
  readonly nodes?: number;
  readonly shards?: number;
  readonly ttlSeconds?: number;
  readonly userTtlSeconds?: number | readonly number[];
}

/** A task manager for tests, with a clock that they advance, and tasks with defaults for all that does not matter. */
export class Stage {
  readonly clock = new ManualClock();
  readonly manager: TaskManager;
  readonly #ids = new Random(7, "stage");

  constructor(options: StageOptions = {}) {
    const { release = "latest", nodes = 1, shards = 2, ...ttls } = options;
    this.manager = new TaskManager({
      clock: this.clock,
      release: releaseOf(release),
      ...ttls,
      nodes: Array.from({ length: nodes }, (_, index) => ({
        address: `127.0.0.${index + 1}`,
        hostId: this.#ids.uuid(),
        datacenter: "dc1",
        rack: "r1",
        shards,
      })),
    });
  }

  get node(): Node {
    return this.nodeAt(0);
  }

  nodeAt(index: number): Node {
    return this.manager.nodes[index] as Node;
  }

  /** A task that runs. */
  task(wishes: Wishes = {}): Task {
    const task = this.queuedTask(wishes);
    task.start();
    return task;
  }

  queuedTask({ module = "compaction", node = 0, ...wishes }: Wishes = {}): Task {
    return this.nodeAt(node)
      .module(module)
      .create({ id: this.#ids.uuid(), type: "test", scope: "test", ...wishes });
  }

  clusterTask(wishes: Wishes & { isQueued?: boolean } = {}): Task {
    const { module = "repair", isQueued = false, ...rest } = wishes;
    const task = this.manager.createClusterTask(module, { id: this.#ids.uuid(), type: "test", scope: "test", ...rest });
    if (!isQueued) task.start();
    return task;
  }

  isFound(task: ShownTask, node: Node = this.node): boolean {
    try {
      return node.find(task.id) === task;
    } catch {
      return false;
    }
  }
}

/** The ids of the tree below a task as nested arrays, to compare a whole tree at once. */
export type Tree = [ShownTask["id"], ...Tree[]];

export function treeOf(view: ShownTask): Tree {
  return [view.id, ...view.children.map(treeOf)];
}
