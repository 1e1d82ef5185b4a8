import type { FastifyInstance, FastifyRequest } from "fastify";
import { backup, clusterBackup, restore } from "../../../scenarios/catalogue.js";
import type { KeyspaceSchema } from "../../../schema.js";
import { sendValue } from "../../answers.js";
import { HttpError } from "../../http-error.js";
import { lenientBoolean, mandatoryParameter, namesParameter, queryParameter, strictBoolean } from "../../parameters.js";
import { checkTable, type OperationStarter } from "./operation-starter.js";

/** Enough for the names of more than 100,000 files. */
const LONGEST_BODY_BYTES = 256 * 1024 * 1024;
const SCOPES = ["all", "dc", "rack", "node"];
const GIBIBYTES = 4;
const SSTABLES = 40;

/** Adds backups and restores (operations: Backup, Restore, Cluster backup, Tablet-aware restore). */
export function addBackupRoutes(app: FastifyInstance, starter: OperationStarter): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string", bodyLimit: LONGEST_BODY_BYTES }, (_, body, done) =>
      done(null, body),
    );
    addBackup(scope, starter);
    addRestore(scope, starter);
    if (starter.release.hasTabletBackup) addClusterBackup(scope, starter);
    if (starter.release.hasTabletRestore) addTabletRestore(scope, starter);
  });
}

function addBackup(app: FastifyInstance, starter: OperationStarter): void {
  const { release, schema } = starter;
  const { backupParameters: parameters } = release;
  if (parameters === "404") return;
  const isOfTable = parameters.includes("table");
  // The parameter and the error came with the same release: before it, an unknown endpoint fails the call.
  const unknownEndpointFailsTask = parameters.includes("move_files");

  app.post("/storage_service/backup", (request, reply) => {
    const given = mandatory(
      request,
      isOfTable ? ["endpoint", "bucket", "prefix", "keyspace", "table"] : ["endpoint", "bucket", "keyspace"],
    );
    const { endpoint = "", keyspace: ks = "", table } = given;
    const snapshot = queryParameter(request, "snapshot");
    if (snapshot === undefined) throw new HttpError(400, "The snapshot name must be specified");
    if (parameters.includes("move_files")) strictBoolean(request, "move_files", false);

    const keyspace = schema.find(ks);
    const isThere = keyspace?.hasSnapshot(snapshot) && (table === undefined || keyspace.tables.includes(table));
    if (!isThere && release.refusesUnknownSnapshots) {
      throw new HttpError(500, `std::invalid_argument (snapshot ${snapshot} not found for table ${ks}.${table})`);
    }
    if (keyspace === undefined) throw new HttpError(400, `Can't find a keyspace ${ks}`);
    if (table !== undefined) checkTable(keyspace, table);
    const noEndpoint = schema.hasEndpoint(endpoint) ? undefined : unknownEndpoint(endpoint);
    if (noEndpoint !== undefined && !unknownEndpointFailsTask) throw new HttpError(500, noEndpoint);
    const error = noEndpoint ?? (isThere ? undefined : unknownSnapshot(keyspace, table, snapshot));
    const task = starter.launch(
      request,
      backup(ks, GIBIBYTES, { ...failingAtOnce(error), ...starter.faultOptionsOf(request) }),
    );
    return sendValue(reply, task.id);
  });
}

function unknownSnapshot(keyspace: KeyspaceSchema, table: string | undefined, snapshot: string): string {
  const folder = table === undefined ? "" : `/${table}-${keyspace.tableId(table).replaceAll("-", "")}`;
  const path = `/var/lib/scylla/data/${keyspace.name}${folder}/snapshots/${snapshot}`;
  return `std::invalid_argument (snapshot does not exist at ${path})`;
}

function unknownEndpoint(name: string): string {
  return `std::invalid_argument (endpoint ${name} not found)`;
}

/** The options of a task that fails with this error soon after its start; none without an error. */
function failingAtOnce(error: string | undefined) {
  return error === undefined ? {} : { error, runsSeconds: 1, completed: 0 };
}

function addRestore(app: FastifyInstance, starter: OperationStarter): void {
  const { release, schema } = starter;
  const { restoreParameters: parameters } = release;
  if (parameters === "404") return;
  const hasBody = !parameters.includes("snapshot");

  app.post("/storage_service/restore", (request, reply) => {
    const names = ["endpoint", "bucket", hasBody ? "prefix" : "snapshot", "keyspace", "table"];
    const { endpoint = "", keyspace: ks = "", table = "" } = mandatory(request, names);
    const scope = (parameters.includes("scope") && queryParameter(request, "scope")) || "all";
    if (!SCOPES.includes(scope)) throw new HttpError(400, "invalid scope parameter value");
    const isPrimaryOnly =
      parameters.includes("primary_replica_only") && lenientBoolean(request, "primary_replica_only", false);
    const files = hasBody ? filesOf(request) : undefined;
    if (!schema.hasEndpoint(endpoint)) throw new HttpError(500, unknownEndpoint(endpoint));
    const error =
      isPrimaryOnly && scope === "node"
        ? "std::runtime_error (Node scoped streaming of primary replica only is not supported)"
        : unknownTable(starter, ks, table);
    const task = starter.launch(
      request,
      restore("download_sstables", ks, files?.length ?? SSTABLES, {
        ...failingAtOnce(error),
        ...starter.faultOptionsOf(request),
      }),
    );
    return sendValue(reply, task.id);
  });
}

/** The error with which the task of a restore fails if the table is unknown. */
function unknownTable({ schema }: OperationStarter, ks: string, table: string): string | undefined {
  const keyspace = schema.find(ks);
  if (keyspace === undefined) return `data_dictionary::no_such_keyspace (Can't find a keyspace ${ks})`;
  if (keyspace.tables.includes(table)) return undefined;
  return `data_dictionary::no_such_column_family (Can't find a column family ${table} in keyspace ${ks})`;
}

/** @throws {HttpError} */
function filesOf(request: FastifyRequest): readonly string[] {
  const value = jsonOf(request);
  if (!Array.isArray(value) || !value.every((name) => typeof name === "string")) {
    throw new HttpError(400, "malformatted sstables in body");
  }
  return value;
}

/** @throws {HttpError} 500 */
function jsonOf(request: FastifyRequest): unknown {
  const text = typeof request.body === "string" ? request.body : "";
  try {
    return JSON.parse(text);
  } catch {
    const reason = text.trim() === "" ? "The document is empty." : "Invalid value.";
    throw new HttpError(500, `rjson::error (Parsing JSON failed: ${reason} at 0)`);
  }
}

function addClusterBackup(app: FastifyInstance, starter: OperationStarter): void {
  const { schema, manager } = starter;

  app.post("/storage_service/tablets/backup", (request, reply) => {
    mandatoryParameter(request, "snapshot");
    strictBoolean(request, "move_files", false);
    const named = namesParameter(request, "keyspace") ?? [];
    const tables = namesParameter(request, "table") ?? [];
    const locations = locationsOf(request);
    if (locations.some((location) => "manifests" in location)) {
      throw new HttpError(400, "backup location 'manifests' must not be set for backup");
    }
    for (const location of locations) checkLocation(location, ["datacenter", "endpoint", "bucket", "prefix"]);
    if (tables.length > 0 && named.length !== 1) {
      throw new HttpError(
        500,
        "std::invalid_argument (Cannot name tables when doing multiple keyspaces snapshot backup)",
      );
    }
    const keyspaces = named.length === 0 ? schema.keyspaces : named.map((name) => starter.keyspace(name));
    const [first] = keyspaces;
    for (const table of tables) if (first !== undefined) checkTable(first, table);
    const tableCount = tables.length || keyspaces.reduce((sum, keyspace) => sum + keyspace.tables.length, 0);
    const error = locations.map(({ endpoint }) => endpoint).find((name) => !schema.hasEndpoint(String(name)));
    const total = (manager.nodes.length + locations.length) * tableCount;
    const task = starter.launch(
      request,
      clusterBackup(first?.name ?? "", tables[0] ?? first?.tables[0] ?? "", total, {
        ...failingAtOnce(error === undefined ? undefined : unknownEndpoint(String(error))),
        ...starter.faultOptionsOf(request),
      }),
    );
    return sendValue(reply, task.id);
  });
}

function addTabletRestore(app: FastifyInstance, starter: OperationStarter): void {
  app.post("/storage_service/tablets/restore", (request, reply) => {
    const { keyspace: ks = "", table = "" } = mandatory(request, ["keyspace", "table", "snapshot"]);
    const locations = locationsOf(request);
    const [location] = locations;
    if (location === undefined || locations.length > 1) {
      throw new HttpError(400, "backup locations array (in body) must contain exactly one entry");
    }
    const { manifests } = location;
    if (!Array.isArray(manifests)) throw new HttpError(400, "backup location entry must have 'manifests' array");
    if (manifests.length === 0) throw new HttpError(400, "backup location 'manifests' array must not be empty");
    checkLocation(location, ["datacenter", "endpoint", "bucket"]);
    checkTable(starter.keyspace(ks), table);
    // The manifests are read before the call answers.
    const endpoint = String(location.endpoint);
    if (!starter.schema.hasEndpoint(endpoint)) throw new HttpError(500, unknownEndpoint(endpoint));
    const task = starter.launch(
      request,
      restore("restore_tablets", ks, SSTABLES * manifests.length, starter.faultOptionsOf(request)),
    );
    return sendValue(reply, task.id);
  });
}

type Location = Readonly<Record<string, unknown>>;

/** @throws {HttpError} */
function locationsOf(request: FastifyRequest): readonly Location[] {
  const value = jsonOf(request);
  if (!Array.isArray(value)) throw new HttpError(400, "backup locations (in body) must be a JSON array");
  for (const location of value) {
    if (typeof location !== "object" || location === null || Array.isArray(location)) {
      throw new HttpError(400, "backup location (in body) must be a JSON object");
    }
  }
  return value;
}

/** @throws {HttpError} 400 */
function checkLocation(location: Location, keys: readonly string[]): void {
  const missing = keys.find((key) => typeof location[key] !== "string");
  if (missing !== undefined) throw new HttpError(400, `backup location (in body) must have '${missing}'`);
}

/** @throws {HttpError} 400 */
function mandatory(request: FastifyRequest, names: readonly string[]): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(names.map((name) => [name, mandatoryParameter(request, name)]));
}
