import type { IncomingMessage } from "node:http";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import type { Node } from "../domain/node.js";
import { sendJson } from "./answers.js";
import { statusOf } from "./error-table.js";
import { errorJson } from "./wire.js";

/** The node that received a request. */
export type NodeOf = (request: FastifyRequest) => Node;

/** The most that a path may hold: an id of the client's making is answered, not cut off. */
const LONGEST_PATH_PARAMETER = 16_384;

/** Makes the application that answers for every node, without its routes. */
export function createApp(): FastifyInstance {
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: LONGEST_PATH_PARAMETER },
    frameworkErrors: (_, __, reply) => {
      reply.statusCode = 404;
      return sendJson(reply, errorJson(404, "Not found"));
    },
  });
  // Parameters travel in path and query (rest-api: Conventions): a body is read and ignored, whatever it calls itself.
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("server", "Seastar httpd");
    delete request.raw.headers["content-type"];
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_, payload: IncomingMessage, done) => {
    payload.resume();
    payload.once("end", () => done(null));
  });
  app.setNotFoundHandler((_, reply) => sendJson(reply.code(404), errorJson(404, "Not found")));
  app.setErrorHandler((error, _, reply) => {
    const status = statusOf(error);
    const { message } = error as Error;
    return sendJson(reply.code(status), errorJson(status, message));
  });
  return app;
}
