import type { FastifyRequest } from "fastify";
import type { Clock } from "../../../domain/clock.js";
import type { Node } from "../../../domain/node.js";
import type { Task } from "../../../domain/task.js";
import type { TaskManager } from "../../../domain/task-manager.js";
import { waitUntilFinished } from "../../../domain/waiting.js";
import type { Random } from "../../../random.js";
import type { Release } from "../../../releases.js";
import type { Staging } from "../../../scenarios/catalogue.js";
import type { StartedTask } from "../../../scenarios/fault.js";
import type { Player } from "../../../scenarios/player.js";
import type { TaskPlan } from "../../../scenarios/scenario.js";
import type { KeyspaceSchema, Schema } from "../../../schema.js";
import type { NodeOf } from "../../app.js";
import { departureOf } from "../../departure.js";
import { namesParameter } from "../../parameters.js";
import { Refusal } from "../../refusal.js";

/** As good as without end. */
const A_YEAR_SECONDS = 31_536_000;

/** What the calls that start work have in common. */
export class Starting {
  readonly release: Release;
  readonly clock: Clock;

  constructor(
    readonly manager: TaskManager,
    readonly schema: Schema,
    readonly nodeOf: NodeOf,
    readonly ids: Random,
    private readonly player: Player,
    private readonly taskOf: (request: FastifyRequest) => StartedTask,
  ) {
    this.release = manager.release;
    this.clock = manager.clock;
  }

  /** What a fault makes of the task that the request starts. */
  stagingOf(request: FastifyRequest): Staging {
    const { isEndless = false, total, ...staging } = this.taskOf(request);
    return {
      ...staging,
      ...(total === undefined ? {} : { total, finalTotal: total }),
      ...(isEndless ? { runsSeconds: A_YEAR_SECONDS } : {}),
    };
  }

  /** Starts a task on the node that was asked. */
  launch(request: FastifyRequest, plan: TaskPlan, node: Node = this.nodeOf(request)): Task {
    return this.player.launch(plan, node);
  }

  /** Resolves when the task has ended, however it did; rejects when the client goes away, and the task goes on. */
  async end(request: FastifyRequest, task: Task): Promise<void> {
    const departure = departureOf(request.raw);
    try {
      await waitUntilFinished(task, this.clock, { signal: departure.signal });
    } finally {
      departure.ignore();
    }
  }

  /** @throws {Refusal} 400 */
  keyspace(name: string): KeyspaceSchema {
    const keyspace = this.schema.find(name);
    if (keyspace === undefined) throw new Refusal(400, `Can't find a keyspace ${name}`);
    return keyspace;
  }

  /**
   * The tables that a parameter names; all, where it names none.
   * @throws {Refusal} 400 where one of them is unknown
   */
  tables(request: FastifyRequest, keyspace: KeyspaceSchema, parameter: string): readonly string[] {
    const named = namesParameter(request, parameter) ?? [];
    for (const table of named) checkTable(keyspace, table);
    return named.length === 0 ? keyspace.tables : named;
  }
}

/** @throws {Refusal} 400 */
export function checkTable(keyspace: KeyspaceSchema, table: string): void {
  if (!keyspace.tables.includes(table)) {
    throw new Refusal(400, `Can't find a column family ${table} in keyspace ${keyspace.name}`);
  }
}

/**
 * A call that waits for its task fails where the task did (semantics 31).
 * @throws {Refusal} 500
 */
export function refuseFailed(task: Task, text: (error: string) => string = (error) => error): void {
  if (task.state === "failed") throw new Refusal(500, text(task.error));
}
