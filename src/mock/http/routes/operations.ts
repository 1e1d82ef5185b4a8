import type { FastifyInstance } from "fastify";
import type { TabletMigrations } from "../../tablet-migrations.js";
import { addBackupRoutes } from "./operations/backups.js";
import { addCompactionRoutes } from "./operations/compactions.js";
import { addMigrationRoutes } from "./operations/migrations.js";
import { addNodeOperationRoutes } from "./operations/node-operations.js";
import type { OperationStarter } from "./operations/operation-starter.js";
import { addRepairRoutes, addTabletRepairRoutes } from "./operations/repairs.js";

/** Adds the calls that start operations, with the tasks of the catalogue. */
export function addOperationRoutes(
  app: FastifyInstance,
  starter: OperationStarter,
  migrations: TabletMigrations,
): void {
  addCompactionRoutes(app, starter);
  addRepairRoutes(app, starter);
  addTabletRepairRoutes(app, starter);
  addBackupRoutes(app, starter);
  addNodeOperationRoutes(app, starter);
  addMigrationRoutes(app, starter, migrations);
}
