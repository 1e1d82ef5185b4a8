import type { FastifyInstance, FastifyRequest } from "fastify";
import type { TabletMigrations } from "../../../tablet-migrations.js";
import { sendValue, sendVoid } from "../../answers.js";
import { mandatoryParameter, pathParameter } from "../../parameters.js";
import { Refusal } from "../../refusal.js";
import type { Starting } from "./starting.js";

const AREA = "/storage_service/vnode_tablet_migrations";

/** Adds the steps by which keyspaces go from vnodes to tablets (operations: From vnodes to tablets). */
export function addMigrationRoutes(app: FastifyInstance, starting: Starting, migrations: TabletMigrations): void {
  if (!starting.release.hasTabletMigration) return;
  const keyspaceOf = (request: FastifyRequest) => starting.keyspace(pathParameter(request, "keyspace"));

  app.post(`${AREA}/keyspaces/:keyspace`, (request, reply) => {
    const keyspace = keyspaceOf(request);
    if (keyspace.replication !== "vnodes") {
      throw new Refusal(500, `std::runtime_error (Keyspace ${keyspace.name} does not use vnodes)`);
    }
    migrations.prepare(keyspace);
    return sendVoid(reply);
  });

  app.put(`${AREA}/node/storage_mode`, (request, reply) => {
    const mode = mandatoryParameter(request, "intended_mode");
    if (mode !== "tablets" && mode !== "vnodes") throw new Refusal(400, `Unknown storage mode: ${mode}`);
    migrations.intend(starting.nodeOf(request), mode);
    return sendVoid(reply);
  });

  app.get(`${AREA}/keyspaces/:keyspace`, (request, reply) => {
    const keyspace = keyspaceOf(request);
    const isMigrating = migrations.isMigrating(keyspace);
    return sendValue(reply, {
      keyspace: keyspace.name,
      status: isMigrating ? "migrating_to_tablets" : keyspace.replication === "tablets" ? "tablets" : "vnodes",
      nodes: !isMigrating
        ? []
        : starting.manager.nodes.map((node) => ({
            host_id: node.hostId,
            current_mode: migrations.currentMode(node),
            intended_mode: migrations.intendedMode(node),
          })),
    });
  });

  app.post(`${AREA}/keyspaces/:keyspace/finalization`, (request, reply) => {
    const keyspace = keyspaceOf(request);
    try {
      migrations.finalize(keyspace);
    } catch (error) {
      throw new Refusal(500, `std::runtime_error (${(error as Error).message})`);
    }
    return sendVoid(reply);
  });
}
