import type { FastifyInstance, FastifyRequest } from "fastify";
import type { KeyspaceSchema, Schema } from "../../schema.js";
import { sendValue } from "../answers.js";
import { queryParameter } from "../parameters.js";
import { Refusal } from "../refusal.js";

type Choice = (keyspace: KeyspaceSchema) => boolean;

const TYPES = new Map<string, Choice>([
  ["all", () => true],
  ["user", ({ isSystem }) => !isSystem],
  ["non_local_strategy", ({ replication }) => replication !== "local"],
]);
const REPLICATIONS = new Map<string, Choice>([
  ["all", () => true],
  ["vnodes", ({ replication }) => replication !== "tablets"],
  ["tablets", ({ replication }) => replication === "tablets"],
]);

/** What there is for operations to work on (rest-api: Cluster discovery). */
export function addSchemaRoutes(app: FastifyInstance, schema: Schema): void {
  app.get("/storage_service/keyspaces", (request, reply) => {
    const isOfType = chosen(request, "type", TYPES);
    const isReplicatedSo = chosen(request, "replication", REPLICATIONS);
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

/** @throws {Refusal} 400 */
function chosen(request: FastifyRequest, name: string, choices: ReadonlyMap<string, Choice>): Choice {
  const word = queryParameter(request, name) ?? "all";
  const choice = choices.get(word);
  if (choice === undefined) throw new Refusal(400, `Unknown value of ${name}: ${word}`);
  return choice;
}
