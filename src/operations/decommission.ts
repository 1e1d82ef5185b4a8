import { hostIds, nodeJob } from "./node-operation.js";
import type { Operation } from "./operation.js";

export const decommission: Operation = {
  name: "decommission",
  summary: "remove the node from the cluster, and move its data to the others",
  positionals: [],
  options: [],
  isDangerous: true,
  async confirmation({ node }) {
    return { text: `node ${node} will leave the cluster for good`, address: node };
  },
  async plan(planning) {
    const hostId = (await hostIds(planning)).get(planning.node);
    return [nodeJob(["decommission", "leave"], hostId, (client, call) => client.decommission(call))];
  },
};
