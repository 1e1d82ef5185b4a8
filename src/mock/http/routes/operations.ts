import type { FastifyInstance } from "fastify";
import type { TabletMigrations } from "../../tablet-migrations.js";
import { addBackupRoutes } from "./operations/backups.js";
import { addCompactionRoutes } from "./operations/compactions.js";
import { addMigrationRoutes } from "./operations/migrations.js";
import { addNodeOperationRoutes } from "./operations/node-operations.js";
import { addRepairRoutes, addTabletRepairRoutes } from "./operations/repairs.js";
import type { Starting } from "./operations/starting.js";

/** Adds the calls that start real work, each with the tasks of the catalogue. */
export function addOperationRoutes(app: FastifyInstance, starting: Starting, migrations: TabletMigrations): void {
  addCompactionRoutes(app, starting);
  addRepairRoutes(app, starting);
  addTabletRepairRoutes(app, starting);
  addBackupRoutes(app, starting);
  addNodeOperationRoutes(app, starting);
  addMigrationRoutes(app, starting, migrations);
}
