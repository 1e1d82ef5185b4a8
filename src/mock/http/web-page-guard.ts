import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import { Refusal } from "./refusal.js";

/**
 * Keeps web pages from driving the mock: a browser on this machine reaches it for whatever page is open. A page of another origin
 * tells its origin, or sends no JSON without asking first; one whose own name has been made to lead here calls the mock by that name.
 */
export function refuseWebPages(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ headers, raw }) => {
    const { host = "", origin } = headers;
    if (!isNameOfOwn(hostName(host))) {
      throw new Refusal(403, `the control routes are not for host ${host}: ask by an IP address or as localhost`);
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      throw new Refusal(403, "the control routes are not for web pages");
    }
    const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
    // As it came: from the parsed headers it is gone, so that nothing judges the bodies of the server's own calls.
    const [contentType = ""] = raw.headersDistinct["content-type"] ?? [];
    if (hasBody && !/^application\/json *(;|$)/i.test(contentType)) {
      throw new Refusal(415, "the body should be JSON, with the header content-type: application/json");
    }
  });
}

const hostName = (host: string): string => host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");

/** Names without a dot, as containers have, belong to no web site. */
const isNameOfOwn = (name: string): boolean => isIP(name) !== 0 || /^[a-z0-9_-]+(\.localhost)?$/i.test(name);
