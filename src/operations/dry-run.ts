import { Readable } from "node:stream";
import type { Engine, EngineRequest } from "../client/engine.js";
import { TaskManagerClient } from "../client/task-manager.js";
import { Transport } from "../client/transport.js";
import type { Job } from "./operation.js";

/** A request that a job would send. */
export interface PlannedRequest {
  readonly method: string;
  readonly path: string;
  /** As it would be sent; absent where there is none. */
  readonly body?: unknown;
}

/** Answers to what is only asked on the way to a start, as a job that needs the datacenter of its node does. */
const NOTHING_SENT = "the request was only recorded";

/**
 * The requests that a job would send; none is sent. They are what its client makes of them, not a second writing of it; what it
 * would ask first is asked of the node.
 */
export async function requestsOf(job: Job, node: TaskManagerClient): Promise<readonly PlannedRequest[]> {
  const requests: PlannedRequest[] = [];
  const engine: Engine = {
    async send({ method, path, body }: EngineRequest) {
      requests.push({ method, path, ...(body === undefined ? {} : { body: JSON.parse(body) }) });
      // An answer that fits none of them ends the job here.
      return { status: 500, headers: {}, body: Readable.from([NOTHING_SENT]) };
    },
    async close() {},
  };
  const transport = new Transport({ engine, origin: node.origin, idleTimeoutMs: 1000, maxResponseBytes: 1000 });
  const pen = new TaskManagerClient(transport);
  // What only asks goes to the node.
  pen.datacenter = (host, call) => node.datacenter(host, call);
  await job.start.send(pen, {}).catch(() => {});
  return requests;
}
