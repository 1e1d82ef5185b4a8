import { UsageError } from "../usage-error.js";
import { flag } from "./given.js";
import { hostIds, nodeJob } from "./node-operation.js";
import type { Operation } from "./operation.js";

export const rebuild: Operation = {
  name: "rebuild",
  summary: "stream the data of the node from other nodes again",
  positionals: [{ name: "[dc]", description: "datacenter to stream from (default: any)" }],
  options: [{ flags: "--force", description: "stream from that datacenter even if it has too few replicas" }],
  isDangerous: true,
  async confirmation({ node }) {
    return { text: `node ${node} will stream all of its data again`, address: node };
  },
  async plan(planning, given) {
    const [sourceDatacenter] = given.positionals;
    const force = flag(given, "force");
    if (force && sourceDatacenter === undefined) throw new UsageError("option '--force' needs a datacenter");
    const hostId = (await hostIds(planning)).get(planning.node);
    return [nodeJob(["rebuild"], hostId, (client, call) => client.rebuild({ ...call, sourceDatacenter, force }))];
  },
};
