import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Node } from "../../domain/node.js";
import type { TaskManager } from "../../domain/task-manager.js";
import type { Topology } from "../../scenarios/scenario.js";
import { sendValue } from "../answers.js";
import type { NodeOf } from "../app.js";
import { HttpError } from "../http-error.js";
import { queryParameter } from "../parameters.js";

/** Adds the calls that describe the cluster (rest-api: Cluster discovery). */
export function addDiscoveryRoutes(
  app: FastifyInstance,
  manager: TaskManager,
  topology: Topology,
  nodeOf: NodeOf,
): void {
  const { nodes } = manager;

  const addressesOf = (areUp: boolean): string[] =>
    nodes.filter((node) => node.isUp === areUp).map((node) => node.address);
  app.get("/gossiper/endpoint/live", (_, reply) => sendValue(reply, addressesOf(true)));
  app.get("/gossiper/endpoint/down", (_, reply) => sendValue(reply, addressesOf(false)));

  app.get("/storage_service/host_id", (_, reply) =>
    sendValue(
      reply,
      nodes.map((node) => ({ key: node.address, value: node.hostId })),
    ),
  );
  app.get("/storage_service/scylla_release_version", (_, reply) => sendValue(reply, manager.release.version));
  app.get("/storage_service/cluster_name", (_, reply) => sendValue(reply, topology.clusterName));

  /** A property of the node with the address `host`, or without `host` of the asked node. */
  const addNodeProperty = (path: string, read: (node: Node) => string, unknown: string): void => {
    app.get(path, (request, reply) => {
      const host = queryParameter(request, "host");
      if (host === undefined) return sendValue(reply, read(nodeOf(request)));
      if (isIP(host) === 0) throw new HttpError(500, `std::invalid_argument (${host} is no IP address)`);
      const node = nodes.find((candidate) => candidate.address === host);
      return sendValue(reply, node === undefined ? unknown : read(node));
    });
  };
  addNodeProperty("/snitch/datacenter", (node) => node.datacenter, "UNKNOWN_DC");
  addNodeProperty("/snitch/rack", (node) => node.rack, "UNKNOWN_RACK");
}
