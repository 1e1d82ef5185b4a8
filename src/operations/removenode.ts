import { UsageError } from "../usage-error.js";
import { list } from "./given.js";
import { hostIds, nodeJob } from "./node-operation.js";
import type { Operation, Planning } from "./operation.js";

export const removenode: Operation = {
  name: "removenode",
  summary: "remove a dead node from the cluster",
  usage: "<host-id>",
  positionals: [{ name: "[host-id]", description: "host id of the dead node" }],
  options: [
    {
      flags: "--ignore-dead-nodes <nodes>",
      description: "other dead nodes to ignore: host ids or addresses",
      isList: true,
    },
  ],
  isDangerous: true,
  async confirmation(planning, { positionals: [hostId] }) {
    const address = await addressOf(planning, hostId);
    return { text: `node ${address} (${hostId}) will be removed from the cluster for good`, address };
  },
  async plan(planning, given) {
    const [hostId] = given.positionals;
    await addressOf(planning, hostId);
    const ignoreNodes = list(given, "ignoreDeadNodes");
    return [
      nodeJob(["remove node", "remove"], hostId, (client, call) =>
        client.removeNode(hostId as string, { ...call, ignoreNodes }),
      ),
    ];
  },
};

/** @throws UsageError if no node has the host id */
async function addressOf(planning: Planning, hostId: string | undefined): Promise<string> {
  if (hostId === undefined) throw new UsageError("required parameter is missing: host-id");
  for (const [address, id] of await hostIds(planning)) if (id === hostId) return address;
  throw new UsageError(`no node of the cluster has the host id ${hostId}`);
}
