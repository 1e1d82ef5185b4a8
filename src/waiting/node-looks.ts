import type { TaskManagerClient } from "../client/task-manager.js";
import { harmlessLook, type Look } from "../nodes/look.js";

/** Looks at tasks of any of the nodes, without harm. */
export class NodeLooks {
  readonly #looks = new Map<TaskManagerClient, Look>();

  of(client: TaskManagerClient): Look {
    let look = this.#looks.get(client);
    if (look === undefined) {
      look = harmlessLook(client);
      this.#looks.set(client, look);
    }
    return look;
  }
}
