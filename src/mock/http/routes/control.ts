import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { GenericSchema } from "valibot";
import type { Node } from "../../domain/node.js";
import type { Task } from "../../domain/task.js";
import type { TaskManager } from "../../domain/task-manager.js";
import { createByHand } from "../../hand-driven.js";
import type { Random } from "../../random.js";
import { check, pathText } from "../../scenarios/check.js";
import { faultSchema } from "../../scenarios/fault.js";
import type { Scenario } from "../../scenarios/scenario.js";
import { sendValue, sendVoid } from "../answers.js";
import { advanceSchema, failureSchema, handDrivenTaskSchema, progressSchema } from "../control-bodies.js";
import type { FaultInjector } from "../fault-injector.js";
import { HttpError } from "../http-error.js";
import { pathParameter } from "../parameters.js";
import { refuseWebPages } from "../web-page-guard.js";

/** What the control routes act on. */
export interface Controlled {
  readonly manager: TaskManager;
  readonly faults: FaultInjector;
  readonly ids: Random;
  readonly scenario: Scenario;
  readonly seed: number;
  /** @throws Error if there is no such table */
  dropTable(keyspace: string, table: string): void;
  /** Resolves when all nodes that are up accept connections. */
  settled(): Promise<void>;
}

/** Adds the calls with which tests in any language control the mock (docs/mock.md). Real servers do not have them. */
export function addControlRoutes(app: FastifyInstance, controlled: Controlled): void {
  app.register(
    async (control) => {
      refuseWebPages(control);
      control.removeAllContentTypeParsers();
      control.addContentTypeParser("*", { parseAs: "string" }, (_, body, done) => done(null, body));
      addOverview(control, controlled);
      addFaultRoutes(control, controlled.faults);
      addNodeRoutes(control, controlled);
      addTaskRoutes(control, controlled);
      control.delete<{ Params: { keyspace: string; table: string } }>(
        "/tables/:keyspace/:table",
        ({ params }, reply) => {
          orBadRequest(() => controlled.dropTable(params.keyspace, params.table));
          return sendVoid(reply);
        },
      );
    },
    { prefix: "/_mock" },
  );
}

function addOverview(control: FastifyInstance, { manager, faults, scenario, seed }: Controlled): void {
  const { clock, release, nodes } = manager;
  control.get("/", (_, reply) =>
    sendValue(reply, {
      scenario: scenario.name,
      release: release.name,
      seed,
      time: new Date(clock.nowMs()).toISOString(),
      nodes: nodes.map(({ address, hostId, shards, isUp }) => ({ address, hostId, shards, isUp })),
      faults: faults.active,
    }),
  );
  control.post("/clock/advance", (request, reply) => {
    clock.advance(bodyOf(request, advanceSchema).seconds * 1000);
    return sendVoid(reply);
  });
}

function addFaultRoutes(control: FastifyInstance, faults: FaultInjector): void {
  control.get("/faults", (_, reply) => sendValue(reply, faults.active));
  control.post("/faults", (request, reply) => sendValue(reply, faults.add(bodyOf(request, faultSchema)).id));
  control.delete("/faults", (_, reply) => {
    faults.clear();
    return sendVoid(reply);
  });
  control.delete("/faults/:id", (request, reply) => {
    const id = pathParameter(request, "id");
    if (!faults.remove(Number(id))) throw new HttpError(400, `fault with id ${id} not found`);
    return sendVoid(reply);
  });
}

function addNodeRoutes(control: FastifyInstance, { manager, settled }: Controlled): void {
  const nodeOfPath = (request: FastifyRequest): Node => {
    const index = pathParameter(request, "index");
    const node = /^\d+$/.test(index) ? manager.nodes[Number(index)] : undefined;
    if (node === undefined) throw new HttpError(400, `there is no node ${index}`);
    return node;
  };
  control.post("/nodes/:index/down", (request, reply) => {
    const node = nodeOfPath(request);
    // The node that received this request answers it before it goes down.
    if (hasReceived(node, request.raw)) reply.raw.once("finish", () => manager.takeDown(node));
    else manager.takeDown(node);
    return sendVoid(reply);
  });
  control.post("/nodes/:index/up", async (request, reply) => {
    manager.bringUp(nodeOfPath(request));
    await settled();
    return sendVoid(reply);
  });
}

function hasReceived(node: Node, request: IncomingMessage): boolean {
  return request.socket.localAddress === node.address;
}

function addTaskRoutes(control: FastifyInstance, { manager, ids }: Controlled): void {
  control.post("/tasks", (request, reply) => {
    const { parent, ...wanted } = bodyOf(request, handDrivenTaskSchema);
    const parentTask = parent === undefined ? undefined : taskById(manager, parent);
    const task = orBadRequest(() => createByHand(manager, ids, { ...wanted, parent: parentTask }));
    return sendValue(reply, task.id);
  });

  const route = (name: string, act: (task: Task, request: FastifyRequest) => void): void => {
    control.post(`/tasks/:task_id/${name}`, (request, reply) => {
      act(taskById(manager, pathParameter(request, "task_id")), request);
      return sendVoid(reply);
    });
  };
  route("start", (task) => task.start());
  route("finish", (task) => task.finish());
  route("suspend", (task) => task.suspend());
  route("fail", (task, request) => task.fail(bodyOf(request, failureSchema).error));
  route("progress", (task, request) => {
    const progress = bodyOf(request, progressSchema);
    if ("expectedTotal" in progress) task.expectTotal(progress.expectedTotal);
    else task.reportProgress(progress.completed, progress.total);
  });
}

/**
 * The task with this id, on any node.
 * @throws {HttpError} 400 if there is none
 */
function taskById(manager: TaskManager, id: string): Task {
  const task = manager.findAnywhere(id.toLowerCase());
  if (task === undefined) throw new HttpError(400, `task with id ${id} not found`);
  return task;
}

/** Answers 400 if `act` throws. */
function orBadRequest<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new HttpError(400, (error as Error).message);
  }
}

function bodyOf<T>(request: FastifyRequest, schema: GenericSchema<unknown, T>): T {
  const { body } = request;
  const value: unknown = orBadRequest(() => JSON.parse(typeof body === "string" && body !== "" ? body : "{}"));
  const checked = check(schema, value);
  if ("value" in checked) return checked.value;
  const [flaw] = checked.flaws;
  const field = flaw === undefined || flaw.path.length === 0 ? "body" : pathText(flaw.path);
  throw new HttpError(400, `${field}: ${flaw?.reason ?? "not valid"}`);
}
