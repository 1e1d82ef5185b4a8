import type { FastifyRequest } from "fastify";
import type { Clock } from "../../../domain/clock.js";
import type { Node } from "../../../domain/node.js";
import type { Task } from "../../../domain/task.js";
import type { TaskManager } from "../../../domain/task-manager.js";
import { waitUntilFinished } from "../../../domain/waiting.js";
import type { Random } from "../../../random.js";
import type { Release } from "../../../releases.js";
import type { PlanOptions } from "../../../scenarios/catalogue.js";
import type { StartedTask } from "../../../scenarios/fault.js";
import type { Player } from "../../../scenarios/player.js";
import type { TaskPlan } from "../../../scenarios/scenario.js";
import type { KeyspaceSchema, Schema } from "../../../schema.js";
import type { NodeOf } from "../../app.js";
import { HttpError } from "../../http-error.js";
import { namesParameter } from "../../parameters.js";
import { whileConnected } from "../../while-connected.js";

/** Of an endless task: nobody waits that long. */
const A_YEAR_SECONDS = 31_536_000;

/** What the calls that start work have in common. */
export class OperationStarter {
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

  /** How a fault changes the task that the request starts; nothing without one. */
  faultOptionsOf(request: FastifyRequest): PlanOptions {
    const { isEndless = false, total, ...options } = this.taskOf(request);
    return {
      ...options,
      ...(total === undefined ? {} : { total, finalTotal: total }),
      ...(isEndless ? { runsSeconds: A_YEAR_SECONDS } : {}),
    };
  }

  /** Starts a task, by default on the node that was asked. */
  launch(request: FastifyRequest, plan: TaskPlan, node: Node = this.nodeOf(request)): Task {
    return this.player.launch(plan, node);
  }

  /** Resolves when the task has ended, done or failed. Rejects when the client closes the connection; the task then goes on. */
  async end(request: FastifyRequest, task: Task): Promise<void> {
    await whileConnected(request, (signal) => waitUntilFinished(task, this.clock, { signal }));
  }

  /** @throws {HttpError} 400 */
  keyspace(name: string): KeyspaceSchema {
    const keyspace = this.schema.find(name);
    if (keyspace === undefined) throw new HttpError(400, `Can't find a keyspace ${name}`);
    return keyspace;
  }

  /**
   * The tables that a parameter names, or all if it names none.
   * @throws {HttpError} 400 if one of them is unknown
   */
  tables(request: FastifyRequest, keyspace: KeyspaceSchema, parameter: string): readonly string[] {
    const named = namesParameter(request, parameter) ?? [];
    for (const table of named) checkTable(keyspace, table);
    return named.length === 0 ? keyspace.tables : named;
  }
}

/** @throws {HttpError} 400 */
export function checkTable(keyspace: KeyspaceSchema, table: string): void {
  if (!keyspace.tables.includes(table)) {
    throw new HttpError(400, `Can't find a column family ${table} in keyspace ${keyspace.name}`);
  }
}

/**
 * Fails a call that waited for a task which has failed (semantics 31).
 * @param text - the message of the call, from the error of the task
 * @throws {HttpError} 500
 */
export function refuseFailed(task: Task, text: (error: string) => string = (error) => error): void {
  if (task.state === "failed") throw new HttpError(500, text(task.error));
}
