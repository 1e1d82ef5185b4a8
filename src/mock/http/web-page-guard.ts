import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import { HttpError } from "./http-error.js";

/**
 * Keeps web pages from controlling the mock: a browser on this machine can reach it for any page that is open. Requests of a page
 * have its `Origin`, or cannot be JSON without a preflight request; if a page's own host name was made to resolve to this machine,
 * the `Host` has that name.
 */
export function refuseWebPages(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ headers, raw }) => {
    const { host = "", origin } = headers;
    if (!isLocalName(hostName(host))) {
      throw new HttpError(403, `the control routes are not for host ${host}: ask by an IP address or as localhost`);
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      throw new HttpError(403, "the control routes are not for web pages");
    }
    const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
    // The raw header: createApp removes the parsed one, so that fastify does not check bodies of the server's own calls.
    const [contentType = ""] = raw.headersDistinct["content-type"] ?? [];
    if (hasBody && !/^application\/json *(;|$)/i.test(contentType)) {
      throw new HttpError(415, "the body should be JSON, with the header content-type: application/json");
    }
  });
}

const hostName = (host: string): string => host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");

/** A name without a dot, such as that of a container, belongs to no web site. */
const isLocalName = (name: string): boolean => isIP(name) !== 0 || /^[a-z0-9_-]+(\.localhost)?$/i.test(name);
