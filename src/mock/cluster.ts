import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import type { Clock } from "./domain/clock.js";
import type { Node } from "./domain/node.js";
import type { Task } from "./domain/task.js";
import { TaskManager } from "./domain/task-manager.js";
import { createApp } from "./http/app.js";
import { Doors } from "./http/doors.js";
import { FaultInjector } from "./http/fault-injector.js";
import { addDiscoveryRoutes } from "./http/routes/discovery.js";
import { addOperationRoutes } from "./http/routes/operations.js";
import { addTaskManagerRoutes } from "./http/routes/task-manager.js";
import { addTestTaskRoutes } from "./http/routes/test-tasks.js";
import { listen } from "./http/servers.js";
import { addTruncation } from "./http/truncation.js";
import { checkOptions, type MockClusterOptions } from "./options.js";
import { Random } from "./random.js";
import { type ReceivedRequest, RequestLog } from "./request-log.js";
import { MODULE_NAMES } from "./scenarios/catalogue.js";
import type { Fault } from "./scenarios/fault.js";
import { Player } from "./scenarios/player.js";

const REQUESTS_KEPT = 10_000;

/** A task to drive by hand. */
export interface HandDrivenTask {
  readonly module: string;
  readonly type: string;
  readonly scope: string;
  readonly id?: string;
  /** `cluster` where it spans the cluster; default `node`. */
  readonly kind?: "node" | "cluster";
  /** The node, by its place in `urls`; default the parent's, or 0. */
  readonly node?: number;
  readonly shard?: number;
  readonly keyspace?: string;
  readonly table?: string;
  readonly entity?: string;
  readonly progressUnits?: string;
  readonly isAbortable?: boolean;
  readonly isUserTask?: boolean;
  readonly isStartedInternally?: boolean;
  readonly parent?: Task;
  /** Leaves it `created`, for the caller to start. */
  readonly isQueued?: boolean;
}

/** A cluster of mock servers, which share one task manager. */
export interface MockCluster {
  /** One for each node, such as `http://127.0.0.1:10000`. */
  readonly urls: readonly string[];
  /** The latest 10,000 requests received, in their order. */
  readonly requests: readonly ReceivedRequest[];
  readonly clock: Clock;
  /** Starts a task that progresses and ends as the caller says. A module that the node lacks is registered. */
  create(task: HandDrivenTask): Task;
  /**
   * Lets requests go wrong from now on.
   * @returns what ends it
   */
  addFault(fault: Fault): () => void;
  /** A node goes down, and its tasks with it: it refuses connections. Resolves when it does. */
  takeDown(nodeIndex: number): Promise<void>;
  /** A node comes back, without its tasks. Resolves when it listens. */
  bringUp(nodeIndex: number): Promise<void>;
  clearRequests(): void;
  /** Ends everything at once. */
  stop(): Promise<void>;
}

/**
 * Starts mock servers.
 * @throws Error where an option is not valid, or where the port is not free
 */
export async function startMockCluster(options: MockClusterOptions = {}): Promise<MockCluster> {
  const setup = await checkOptions(options);
  const { clock, scenario, seed } = setup;
  const manager = new TaskManager({
    clock,
    generation: setup.generation,
    moduleNames: MODULE_NAMES,
    ttlSeconds: scenario.ttlSeconds,
    userTtlSeconds: scenario.userTtlSeconds,
    nodes: setup.addresses.map((address, index) => ({
      address,
      hostId: new Random(seed, `host/${index}`).uuid(),
      datacenter: "datacenter1",
      rack: `rack${(index % 3) + 1}`,
      shards: setup.shards,
    })),
  });
  const player = new Player(manager, scenario, seed);
  const ids = new Random(seed, "task ids");
  const log = new RequestLog(REQUESTS_KEPT);
  const faults = new FaultInjector(clock, seed);

  const receivers = new WeakMap<IncomingMessage, Node>();
  const nodeOf = (request: FastifyRequest): Node => receivers.get(request.raw) as Node;
  const app = createApp();
  addTruncation(app, (request) => faults.truncationOf(request));
  addTaskManagerRoutes(app, manager, nodeOf);
  addOperationRoutes(app, player, scenario, nodeOf);
  addDiscoveryRoutes(app, manager, scenario);
  if (setup.testApi) addTestTaskRoutes(app, ids, nodeOf);
  await app.ready();

  const handlers = manager.nodes.map(
    (node, index) =>
      [
        node.address,
        (request: Parameters<typeof app.routing>[0], response: Parameters<typeof app.routing>[1]) => {
          receivers.set(request, node);
          log.add({ method: request.method ?? "", url: request.url ?? "", node: node.address });
          faults.handle(request, response, index, () => app.routing(request, response));
        },
      ] as const,
  );
  for (const fault of scenario.faults ?? []) faults.add(fault);
  player.start();
  const listeners = await listen(new Map(handlers), setup.port).catch(async (error: unknown) => {
    clock.stop();
    await app.close();
    throw error;
  });

  const doors = new Doors(listeners, clock);
  manager.onNodeChange = (node) => doors.follow(node);
  for (const node of manager.nodes) if (!node.isUp) doors.follow(node);

  const stop = async (): Promise<void> => {
    manager.onNodeChange = undefined;
    await doors.close();
    clock.stop();
    await app.close();
  };
  let stopping: Promise<void> | undefined;
  return {
    urls: setup.addresses.map((address) => `http://${address}:${listeners.port}`),
    requests: log.requests,
    clock,
    create: (task) => createByHand(manager, ids, task),
    addFault: (fault) => {
      const { id } = faults.add(fault);
      return () => faults.remove(id);
    },
    takeDown: async (nodeIndex) => {
      manager.takeDown(nodeAt(manager, nodeIndex));
      await doors.settled();
    },
    bringUp: async (nodeIndex) => {
      manager.bringUp(nodeAt(manager, nodeIndex));
      await doors.settled();
    },
    clearRequests: () => log.clear(),
    stop: () => (stopping ??= stop()),
  };
}

function createByHand(manager: TaskManager, ids: Random, wanted: HandDrivenTask): Task {
  const { module: moduleName, kind, node: nodeIndex, isQueued = false, id = ids.uuid(), ...description } = wanted;
  const { parent } = description;
  const node = nodeAt(manager, nodeIndex ?? indexOfNode(manager, parent?.nodeAddress));
  if (kind === "cluster" && parent !== undefined) throw new Error("a cluster task has no parent");
  if (parent?.kind === "node" && parent.nodeAddress !== node.address) {
    throw new Error("the child of a node task lives on the node of its parent");
  }
  if (kind !== "cluster" && !node.isUp) throw new Error(`the node at ${node.address} is down`);
  const spec = { ...description, id };
  const task =
    kind === "cluster" ? manager.createClusterTask(moduleName, spec) : node.registerModule(moduleName).create(spec);
  if (!isQueued) task.start();
  return task;
}

function nodeAt(manager: TaskManager, index: number): Node {
  const node = manager.nodes[index];
  if (node === undefined) throw new Error(`there is no node ${index}`);
  return node;
}

function indexOfNode(manager: TaskManager, address: string | undefined): number {
  const index = manager.nodes.findIndex((node) => node.address === address);
  return Math.max(index, 0);
}
