import { Readable } from "node:stream";
import type { Engine, EngineRequest } from "../client/engine.js";
import { TaskManagerClient } from "../client/task-manager.js";
import { Transport } from "../client/transport.js";
import type { PlannedRequest } from "../format/reports/planned-requests.js";
import type { Job } from "./operation.js";

/** A request that a job would send, with its body as it would be sent. */
type JobRequest = Omit<PlannedRequest, "node">;

/** The error of the recorded request, on which the job ends. */
const NOTHING_SENT = "the request was only recorded";

/**
 * The requests that a job would send to start its work, without sending them. A real client creates them, so they are never out of
 * date. Requests that only read are sent to the node.
 */
export async function requestsOf(job: Job, node: TaskManagerClient): Promise<readonly JobRequest[]> {
  const requests: JobRequest[] = [];
  const engine: Engine = {
    async send({ method, path, body }: EngineRequest) {
      requests.push({ method, path, ...(body === undefined ? {} : { body: JSON.parse(body) }) });
      // Not a valid answer for any job, so the job ends here.
      return { status: 500, headers: {}, body: Readable.from([NOTHING_SENT]) };
    },
    async close() {},
  };
  const transport = new Transport({ engine, origin: node.origin, idleTimeoutMs: 1000, maxResponseBytes: 1000 });
  const pen = new TaskManagerClient(transport);
  // This only reads, so the node answers it.
  pen.datacenter = (host, call) => node.datacenter(host, call);
  await job.start.send(pen, {}).catch(() => {});
  return requests;
}
