import { printable } from "../../strings/printable.js";
import { jsonText } from "../text/json-text.js";
import { batch, collectRows, type Report } from "./report.js";

/** A request that a dry run does not send. */
export interface PlannedRequest {
  readonly node: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** Requests, one per line: with the node before it if there are many, and the body, if any, after it. */
export function plannedRequests(requests: readonly PlannedRequest[], isMany: boolean): Report<PlannedRequest> {
  return {
    rows: batch(requests),
    shape: "many",
    fields: ["node", "method", "path", "body"],
    record: (request) => request,
    async *table(rows) {
      for (const { node, method, path, body } of await collectRows(rows)) {
        const words = [...(isMany ? [printable(node)] : []), method, path];
        yield `${words.join(" ")}${body === undefined ? "" : ` ${printable(jsonText(body))}`}\n`;
      }
    },
  };
}
