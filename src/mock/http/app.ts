import type { IncomingMessage } from "node:http";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import type { Node } from "../domain/node.js";
import { sendJson } from "./answers.js";
import { statusOf } from "./error-table.js";
import { errorJson } from "./wire.js";

/** Tells which node received a request. */
export type NodeOf = (request: FastifyRequest) => Node;

/** The `Server` header of every answer (rest-api: Conventions). */
const SERVER = "Seastar httpd";

/** Longer than any id that a client may try, so that the answer is the server's own error and not fastify's. */
const LONGEST_PATH_PARAMETER = 16_384;

/** Makes the application that answers for all nodes; it has no routes yet. */
export function createApp(): FastifyInstance {
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: LONGEST_PATH_PARAMETER },
    // A path that cannot be decoded; no hook runs for it.
    frameworkErrors: (_, __, reply) => sendNotFound(reply.header("server", SERVER)),
  });
  // Parameters travel in path and query (rest-api: Conventions), so a body of any type is read and ignored.
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("server", SERVER);
    delete request.raw.headers["content-type"];
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_, payload: IncomingMessage, done) => {
    payload.resume();
    payload.once("end", () => done(null));
  });
  app.setNotFoundHandler((_, reply) => sendNotFound(reply));
  app.setErrorHandler((error, _, reply) => {
    const status = statusOf(error);
    const { message } = error as Error;
    return sendJson(reply.code(status), errorJson(status, message));
  });
  return app;
}

function sendNotFound(reply: FastifyReply): FastifyReply {
  return sendJson(reply.code(404), errorJson(404, "Not found"));
}
