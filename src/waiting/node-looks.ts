import type { TaskManagerClient } from "../client/task-manager.js";
import { type Look, lookOf } from "../nodes/look.js";

/** Reads tasks of any of the nodes without making a server forget them. */
export class NodeLooks {
  readonly #looks = new Map<TaskManagerClient, Look>();

  of(client: TaskManagerClient): Look {
    let look = this.#looks.get(client);
    if (look === undefined) {
      look = lookOf(client);
      this.#looks.set(client, look);
    }
    return look;
  }
}
