import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Task } from "../../../domain/task.js";
import { nodeOperation } from "../../../scenarios/catalogue.js";
import { sendVoid } from "../../answers.js";
import { exactBoolean, mandatoryParameter, namesParameter, queryParameter } from "../../parameters.js";
import { Refusal } from "../../refusal.js";
import { refuseFailed, type Starting } from "./starting.js";

/** The request is queued before there is a task (operations: Which way an operation is followed). */
const UNTIL_LISTED_MS = 100;
const QUEUED_SECONDS = 3;
const STREAMING_SECONDS = 120;

/** Adds the operations on nodes, which answer at their end. */
export function addNodeOperationRoutes(app: FastifyInstance, starting: Starting): void {
  const { manager, clock, nodeOf } = starting;
  const placeOf = (request: FastifyRequest) => manager.nodes.indexOf(nodeOf(request));

  /** @param place - of the node concerned */
  const run = async (request: FastifyRequest, type: Parameters<typeof nodeOperation>[0], place: number) => {
    const staging = { queuedSeconds: QUEUED_SECONDS, runsSeconds: STREAMING_SECONDS, ...starting.stagingOf(request) };
    const plan = nodeOperation(type, place, staging);
    // The others take over what a removed node had; it is down, or should be.
    const children = (plan.children ?? []).flatMap(({ each, ...child }) =>
      each === undefined
        ? [child]
        : manager.nodes.flatMap((node, index) => (index === place || !node.isUp ? [] : [{ ...child, node: index }])),
    );
    const task = await new Promise<Task>((resolve) => {
      const launch = () => resolve(starting.launch(request, { ...plan, children }));
      clock.schedule(clock.nowMs() + UNTIL_LISTED_MS, launch, undefined);
    });
    await starting.end(request, task);
    return task;
  };
  const seeEarlier =
    (name: string, { id }: Task) =>
    (error: string) =>
      `std::runtime_error (${name} failed. See earlier errors (${error}). Request ID: ${id})`;

  app.post("/storage_service/decommission", async (request, reply) => {
    const task = await run(request, "decommission", placeOf(request));
    refuseFailed(task, seeEarlier("Decommission", task));
    return sendVoid(reply);
  });

  app.post("/storage_service/remove_node", async (request, reply) => {
    const hostId = mandatoryParameter(request, "host_id");
    const isKnown = (name: string) => manager.nodes.some((node) => node.hostId === name || node.address === name);
    const place = manager.nodes.findIndex((node) => node.hostId === hostId);
    if (place < 0) throw new Refusal(500, `std::runtime_error (removenode[${hostId}]: Node not found in the cluster)`);
    const unknown = namesParameter(request, "ignore_nodes")?.find((name) => !isKnown(name));
    if (unknown !== undefined) throw new Refusal(500, `std::runtime_error (ignore_nodes: ${unknown} is not a node)`);
    const task = await run(request, "remove node", place);
    refuseFailed(task, seeEarlier("Removenode", task));
    return sendVoid(reply);
  });

  app.post("/storage_service/rebuild", async (request, reply) => {
    const sourceDc = queryParameter(request, "source_dc");
    if (queryParameter(request, "force") !== undefined && sourceDc === undefined) {
      throw new Refusal(400, "The `source_dc` parameter must be given with `force`");
    }
    exactBoolean(request, "force", false);
    if (sourceDc !== undefined && !manager.nodes.some(({ datacenter }) => datacenter === sourceDc)) {
      throw new Refusal(500, `std::runtime_error (rebuild failed: ${sourceDc} is not a datacenter of the cluster)`);
    }
    const task = await run(request, "rebuild", placeOf(request));
    refuseFailed(task, (error) => `std::runtime_error (rebuild failed: ${error})`);
    return sendVoid(reply);
  });
}
