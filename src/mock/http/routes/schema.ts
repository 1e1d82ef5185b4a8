import type { FastifyInstance, FastifyRequest } from "fastify";
import type { KeyspaceSchema, Schema } from "../../schema.js";
import { sendValue } from "../answers.js";
import { HttpError } from "../http-error.js";
import { queryParameter } from "../parameters.js";

type Condition = (keyspace: KeyspaceSchema) => boolean;

const TYPES = new Map<string, Condition>([
  ["all", () => true],
  ["user", ({ isSystem }) => !isSystem],
  ["non_local_strategy", ({ replication }) => replication !== "local"],
]);
const REPLICATIONS = new Map<string, Condition>([
  ["all", () => true],
  ["vnodes", ({ replication }) => replication !== "tablets"],
  ["tablets", ({ replication }) => replication === "tablets"],
]);

/** Adds the calls that list keyspaces and tables (rest-api: Cluster discovery). */
export function addSchemaRoutes(app: FastifyInstance, schema: Schema): void {
  app.get("/storage_service/keyspaces", (request, reply) => {
    const isOfType = conditionOf(request, "type", TYPES);
    const isReplicatedSo = conditionOf(request, "replication", REPLICATIONS);
    const keyspaces = schema.keyspaces.filter((keyspace) => isOfType(keyspace) && isReplicatedSo(keyspace));
    return sendValue(
      reply,
      keyspaces.map(({ name }) => name),
    );
  });

  const tables = () => schema.keyspaces.flatMap(({ name, tables }) => tables.map((table) => ({ ks: name, cf: table })));
  app.get("/column_family", (_, reply) =>
    sendValue(
      reply,
      tables().map((table) => ({ ...table, type: "ColumnFamilies" })),
    ),
  );
  app.get("/column_family/name", (_, reply) =>
    sendValue(
      reply,
      tables().map(({ ks, cf }) => `${ks}:${cf}`),
    ),
  );
}

/**
 * The condition for the value of a parameter.
 * @throws {HttpError} 400 if it has none
 */
function conditionOf(request: FastifyRequest, name: string, conditions: ReadonlyMap<string, Condition>): Condition {
  const word = queryParameter(request, name) ?? "all";
  const condition = conditions.get(word);
  if (condition === undefined) throw new HttpError(400, `Unknown value of ${name}: ${word}`);
  return condition;
}
