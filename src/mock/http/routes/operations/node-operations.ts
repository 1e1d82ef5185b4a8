import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Task } from "../../../domain/task.js";
import { nodeOperation } from "../../../scenarios/catalogue.js";
import { sendVoid } from "../../answers.js";
import { HttpError } from "../../http-error.js";
import { exactBoolean, mandatoryParameter, namesParameter, queryParameter } from "../../parameters.js";
import { type OperationStarter, refuseFailed } from "./operation-starter.js";

/** A task is not listed at once: its request must be queued first (operations: Which way an operation is followed). */
const UNTIL_LISTED_MS = 100;
const QUEUED_SECONDS = 3;
const STREAMING_SECONDS = 120;

/** Adds the node operations, which answer when they have ended (operations: Node operations). */
export function addNodeOperationRoutes(app: FastifyInstance, starter: OperationStarter): void {
  const { manager, clock, nodeOf } = starter;
  const indexOf = (request: FastifyRequest) => manager.nodes.indexOf(nodeOf(request));

  /** @param nodeIndex - the node that the operation is about */
  const run = async (request: FastifyRequest, type: Parameters<typeof nodeOperation>[0], nodeIndex: number) => {
    const options = {
      queuedSeconds: QUEUED_SECONDS,
      runsSeconds: STREAMING_SECONDS,
      ...starter.faultOptionsOf(request),
    };
    const plan = nodeOperation(type, nodeIndex, options);
    // All nodes that remain and are up stream what a removed node had.
    const children = (plan.children ?? []).flatMap(({ each, ...child }) =>
      each === undefined
        ? [child]
        : manager.nodes.flatMap((node, index) =>
            index === nodeIndex || !node.isUp ? [] : [{ ...child, node: index }],
          ),
    );
    const task = await new Promise<Task>((resolve) => {
      const launch = () => resolve(starter.launch(request, { ...plan, children }));
      clock.schedule(clock.nowMs() + UNTIL_LISTED_MS, launch, undefined);
    });
    await starter.end(request, task);
    return task;
  };
  const seeEarlier =
    (name: string, { id }: Task) =>
    (error: string) =>
      `std::runtime_error (${name} failed. See earlier errors (${error}). Request ID: ${id})`;

  app.post("/storage_service/decommission", async (request, reply) => {
    const task = await run(request, "decommission", indexOf(request));
    refuseFailed(task, seeEarlier("Decommission", task));
    return sendVoid(reply);
  });

  app.post("/storage_service/remove_node", async (request, reply) => {
    const hostId = mandatoryParameter(request, "host_id");
    const isKnown = (name: string) => manager.nodes.some((node) => node.hostId === name || node.address === name);
    const nodeIndex = manager.nodes.findIndex((node) => node.hostId === hostId);
    if (nodeIndex < 0)
      throw new HttpError(500, `std::runtime_error (removenode[${hostId}]: Node not found in the cluster)`);
    const unknown = namesParameter(request, "ignore_nodes")?.find((name) => !isKnown(name));
    if (unknown !== undefined) throw new HttpError(500, `std::runtime_error (ignore_nodes: ${unknown} is not a node)`);
    const task = await run(request, "remove node", nodeIndex);
    refuseFailed(task, seeEarlier("Removenode", task));
    return sendVoid(reply);
  });

  app.post("/storage_service/rebuild", async (request, reply) => {
    const sourceDc = queryParameter(request, "source_dc");
    if (queryParameter(request, "force") !== undefined && sourceDc === undefined) {
      throw new HttpError(400, "The `source_dc` parameter must be given with `force`");
    }
    exactBoolean(request, "force", false);
    if (sourceDc !== undefined && !manager.nodes.some(({ datacenter }) => datacenter === sourceDc)) {
      throw new HttpError(500, `std::runtime_error (rebuild failed: ${sourceDc} is not a datacenter of the cluster)`);
    }
    const task = await run(request, "rebuild", indexOf(request));
    refuseFailed(task, (error) => `std::runtime_error (rebuild failed: ${error})`);
    return sendVoid(reply);
  });
}
