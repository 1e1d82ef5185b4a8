import type { FastifyInstance, FastifyRequest } from "fastify";
import type { TabletMigrations } from "../../../tablet-migrations.js";
import { sendValue, sendVoid } from "../../answers.js";
import { HttpError } from "../../http-error.js";
import { mandatoryParameter, pathParameter } from "../../parameters.js";
import type { OperationStarter } from "./operation-starter.js";

const PATH = "/storage_service/vnode_tablet_migrations";

/** Adds the steps of a migration from vnodes to tablets (operations: From vnodes to tablets). */
export function addMigrationRoutes(
  app: FastifyInstance,
  starter: OperationStarter,
  migrations: TabletMigrations,
): void {
  if (!starter.release.hasTabletMigration) return;
  const keyspaceOf = (request: FastifyRequest) => starter.keyspace(pathParameter(request, "keyspace"));

  app.post(`${PATH}/keyspaces/:keyspace`, (request, reply) => {
    const keyspace = keyspaceOf(request);
    if (keyspace.replication !== "vnodes") {
      throw new HttpError(500, `std::runtime_error (Keyspace ${keyspace.name} does not use vnodes)`);
    }
    migrations.prepare(keyspace);
    return sendVoid(reply);
  });

  app.put(`${PATH}/node/storage_mode`, (request, reply) => {
    const mode = mandatoryParameter(request, "intended_mode");
    if (mode !== "tablets" && mode !== "vnodes") throw new HttpError(400, `Unknown storage mode: ${mode}`);
    migrations.intend(starter.nodeOf(request), mode);
    return sendVoid(reply);
  });

  app.get(`${PATH}/keyspaces/:keyspace`, (request, reply) => {
    const keyspace = keyspaceOf(request);
    const isMigrating = migrations.isMigrating(keyspace);
    return sendValue(reply, {
      keyspace: keyspace.name,
      status: isMigrating ? "migrating_to_tablets" : keyspace.replication === "tablets" ? "tablets" : "vnodes",
      nodes: !isMigrating
        ? []
        : starter.manager.nodes.map((node) => ({
            host_id: node.hostId,
            current_mode: migrations.currentMode(node),
            intended_mode: migrations.intendedMode(node),
          })),
    });
  });

  app.post(`${PATH}/keyspaces/:keyspace/finalization`, (request, reply) => {
    const keyspace = keyspaceOf(request);
    try {
      migrations.finalize(keyspace);
    } catch (error) {
      throw new HttpError(500, `std::runtime_error (${(error as Error).message})`);
    }
    return sendVoid(reply);
  });
}
