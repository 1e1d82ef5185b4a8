import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import type { Clock } from "./domain/clock.js";
import type { Node } from "./domain/node.js";
import type { Task } from "./domain/task.js";
import { TaskManager } from "./domain/task-manager.js";
import { createByHand, type HandDrivenTask, nodeAt } from "./hand-driven.js";
import { createApp } from "./http/app.js";
import { FaultInjector } from "./http/fault-injector.js";
import { NodeListeners } from "./http/node-listeners.js";
import { addControlRoutes } from "./http/routes/control.js";
import { addDiscoveryRoutes } from "./http/routes/discovery.js";
import { OperationStarter } from "./http/routes/operations/operation-starter.js";
import { addOperationRoutes } from "./http/routes/operations.js";
import { addSchemaRoutes } from "./http/routes/schema.js";
import { addTaskManagerRoutes } from "./http/routes/task-manager.js";
import { addTestTaskRoutes } from "./http/routes/test-tasks.js";
import type { Handler } from "./http/servers.js";
import { addTruncation } from "./http/truncation.js";
import { checkOptions, type MockClusterOptions } from "./options.js";
import { Random } from "./random.js";
import { Replayer } from "./replay/replayer.js";
import { type ReceivedRequest, RequestLog } from "./request-log.js";
import type { Fault } from "./scenarios/fault.js";
import { Player } from "./scenarios/player.js";
import { Schema } from "./schema.js";
import { TabletMigrations } from "./tablet-migrations.js";

const REQUESTS_KEPT = 10_000;

/** A running cluster of mock servers. */
export interface MockCluster {
  /** The URL of each node, such as `http://127.0.0.1:10000`. */
  readonly urls: readonly string[];
  /** The latest 10,000 received requests, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  readonly clock: Clock;
  /**
   * Creates a task that the caller controls. Registers its module if the node lacks it.
   * @throws Error if the task cannot be created as given
   */
  create(task: HandDrivenTask): Task;
  /**
   * Adds a fault for requests from now on.
   * @returns a function that removes it
   */
  addFault(fault: Fault): () => void;
  /** Takes a node down, with its tasks. Resolves when it refuses connections. */
  takeDown(nodeIndex: number): Promise<void>;
  /** Brings a node back, without its tasks. Resolves when it accepts connections. */
  bringUp(nodeIndex: number): Promise<void>;
  /**
   * Drops a table: its tablet tasks end.
   * @throws Error if there is no such table
   */
  dropTable(keyspace: string, table: string): void;
  clearRequests(): void;
  /** Stops the servers and closes open connections at once. */
  stop(): Promise<void>;
}

/**
 * Starts mock servers.
 * @throws RangeError if an option is not valid; Error if the port is in use
 */
export async function startMockCluster(options: MockClusterOptions = {}): Promise<MockCluster> {
  const setup = await checkOptions(options);
  const { clock, scenario, seed } = setup;
  const { datacenters = ["datacenter1"] } = scenario;
  const manager = new TaskManager({
    clock,
    release: setup.release,
    ttlSeconds: setup.replay?.ttlSeconds ?? scenario.ttlSeconds,
    userTtlSeconds: setup.replay?.userTtlSeconds ?? scenario.userTtlSeconds,
    nodes: setup.addresses.map((address, index) => ({
      address,
      hostId: new Random(seed, `host/${index}`).uuid(),
      datacenter: datacenters[index % datacenters.length] as string,
      rack: `rack${(index % 3) + 1}`,
      shards: setup.shards,
    })),
  });
  const player = new Player(manager, scenario, seed);
  const schema = new Schema(scenario, seed);
  const ids = new Random(seed, "task ids");
  const log = new RequestLog(REQUESTS_KEPT);
  const faults = new FaultInjector(clock, seed);

  /** Which node received a request. */
  const receivers = new WeakMap<IncomingMessage, Node>();
  const nodeOf = (request: FastifyRequest): Node => receivers.get(request.raw) as Node;
  const listeners = new NodeListeners(clock);
  const app = createApp();
  addTruncation(app, faults);
  addTaskManagerRoutes(app, manager, nodeOf);
  const migrations = new TabletMigrations(manager, ids);
  addOperationRoutes(
    app,
    new OperationStarter(manager, schema, nodeOf, ids, player, ({ raw }) => faults.taskOf(raw)),
    migrations,
  );
  addDiscoveryRoutes(app, manager, scenario, nodeOf);
  addSchemaRoutes(app, schema);
  const dropTable = (keyspace: string, table: string): void => {
    if (!schema.find(keyspace)?.drop(table)) throw new Error(`there is no table ${keyspace}.${table}`);
    manager.dropTable(keyspace, table);
  };
  if (setup.testApi) addTestTaskRoutes(app, ids, nodeOf);
  if (setup.controlApi) {
    addControlRoutes(app, { manager, faults, ids, scenario, seed, dropTable, settled: () => listeners.settled() });
  }
  await app.ready();

  const handlers = manager.nodes.map((node, index): [Node, Handler] => [
    node,
    (request, response) => {
      receivers.set(request, node);
      if (setup.controlApi && isControl(request)) {
        app.routing(request, response);
        return;
      }
      log.add({ method: request.method as string, url: request.url as string, node: node.address });
      faults.handle(request, response, index, () => app.routing(request, response));
    },
  ]);
  for (const fault of scenario.faults ?? []) faults.add(fault);
  player.start();
  if (setup.replay !== undefined) new Replayer(manager, setup.replay).start();
  manager.onNodeChange = (node) => {
    if (node.isUp) migrations.started(node);
    listeners.follow(node);
  };
  const port = await listeners.open(new Map(handlers), setup.port).catch(async (error: unknown) => {
    clock.stop();
    await app.close();
    throw error;
  });

  const stop = async (): Promise<void> => {
    manager.onNodeChange = undefined;
    await listeners.close();
    clock.stop();
    await app.close();
  };
  let stopping: Promise<void> | undefined;
  return {
    urls: setup.addresses.map((address) => `http://${address}:${port}`),
    requests: log.requests,
    clock,
    create: (task) => createByHand(manager, ids, task),
    addFault: (fault) => {
      const { id } = faults.add(fault);
      return () => faults.remove(id);
    },
    takeDown: async (nodeIndex) => {
      manager.takeDown(nodeAt(manager, nodeIndex));
      await listeners.settled();
    },
    bringUp: async (nodeIndex) => {
      manager.bringUp(nodeAt(manager, nodeIndex));
      await listeners.settled();
    },
    dropTable,
    clearRequests: () => log.clear(),
    stop: () => (stopping ??= stop()),
  };
}

/** A request to the mock's own routes: it is not logged, and faults do not apply to it. */
function isControl({ url = "" }: IncomingMessage): boolean {
  return /^\/_mock(?:[/?]|$)/.test(url);
}
