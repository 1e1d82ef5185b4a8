import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Node } from "../../domain/node.js";
import type { TaskManager } from "../../domain/task-manager.js";
import type { Topology } from "../../scenarios/scenario.js";
import { sendValue } from "../answers.js";
import type { NodeOf } from "../app.js";
import { queryParameter } from "../parameters.js";
import { Refusal } from "../refusal.js";

/** What a client asks to find its way in the cluster (rest-api: Cluster discovery). */
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

  /** What it says of the node that is meant; of the one that is asked, where none is named. */
  const snitch = (path: string, of: (node: Node) => string, unknown: string): void => {
    app.get(path, (request, reply) => {
      const host = queryParameter(request, "host");
      if (host === undefined) return sendValue(reply, of(nodeOf(request)));
      if (isIP(host) === 0) throw new Refusal(500, `std::invalid_argument (${host} is no IP address)`);
      const node = nodes.find((candidate) => candidate.address === host);
      return sendValue(reply, node === undefined ? unknown : of(node));
    });
  };
  snitch("/snitch/datacenter", (node) => node.datacenter, "UNKNOWN_DC");
  snitch("/snitch/rack", (node) => node.rack, "UNKNOWN_RACK");
}
