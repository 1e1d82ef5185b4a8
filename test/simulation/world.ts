import { AsyncLocalStorage } from "node:async_hooks";
import { run } from "../../src/cli/run.js";
import type { Engine, EngineOptions } from "../../src/client/engine.js";
import { COMMANDS } from "../../src/commands.js";
import type { Task } from "../../src/mock/domain/task.js";
import { Random } from "../../src/mock/random.js";
import { releaseOf } from "../../src/mock/releases.js";
import { newTaskId } from "../../src/mock/task-id.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import { InProcessMock } from "../fixtures/in-process-mock.js";
import { type Client, drawClient, type Finding } from "./clients.js";
import { Network, NODES, type SentRequest } from "./network.js";
import { SimulatedTime } from "./simulated-time.js";

const RELEASES = ["6.2", "seed", "2025.1", "2025.4", "latest"];
/** No task of a simulation runs longer, and no fault comes later. */
const LAST_FAULT_MS = 600_000;
/** Whoever waits still waits for ever. */
const LONGEST_MS = 4 * 3_600_000;

/** How a task came out in truth. */
export interface End {
  readonly state: "done" | "failed";
  readonly atMs: number;
  /** Its node went down, so that no server can tell how it ended. */
  readonly isLost: boolean;
}

/** Which client a piece of the program works for. */
const working = new AsyncLocalStorage<{
  readonly client: string;
  readonly network: Network;
  readonly breakage: Breakage | undefined;
}>();

/** A way to break the program's engine, to see whether a simulation finds it. */
export type Breakage = (engine: Engine) => Engine;

/** In place of the program's own way to make connections. */
export function simulatedEngine(options: EngineOptions): Engine {
  const { client, network, breakage } = working.getStore() ?? {};
  if (client === undefined || network === undefined) throw new Error("an engine that no client asked for");
  const engine = network.engine(client, options);
  return breakage === undefined ? engine : breakage(engine);
}

/** A cluster, a network, and those who work with them: all that happens follows from the seed. */
export class World {
  readonly ends = new Map<string, End>();
  readonly tasks = new Map<string, Task>();
  /** Finished tasks that a request made a node forget, and that had ended before its sender could know. */
  readonly destroyed: { readonly client: string; readonly id: string; readonly path: string }[] = [];
  readonly network: Network;
  readonly #random: Random;
  readonly #clients: Client[] = [];
  readonly #working = new Set<Client>();
  /** How many times each client sleeps now. */
  readonly #sleeps = new Map<Client, number>();
  readonly #lastLists = new Map<string, number>();

  private constructor(
    readonly seed: number,
    readonly release: string,
    readonly time: SimulatedTime,
    readonly mock: InProcessMock,
    private readonly breakage: Breakage | undefined,
  ) {
    this.#random = new Random(seed, "world");
    const faultRate = this.pick([0, 0.03, 0.15, 0.4]);
    this.network = new Network(mock, time, {
      random: new Random(seed, "network"),
      faultRate,
      faultsEndMs: LAST_FAULT_MS,
      onDelivery: (request) => this.#note(request),
    });
  }

  /** @param breakage what is wrong with the program; nothing, where it is to be found right */
  static async make(seed: number, breakage?: Breakage): Promise<World> {
    const random = new Random(seed, "cluster");
    const pick = <T>(from: readonly T[]) => from[Math.floor(random.next() * from.length)] as T;
    const time = new SimulatedTime();
    const release = pick(RELEASES);
    const mock = await InProcessMock.start({
      clock: time.clock,
      release,
      seed,
      nodes: NODES,
      ttlSeconds: pick([0, 10, 3600]),
      userTtlSeconds: pick([0, 10, 3600]),
    });
    return new World(seed, release, time, mock, breakage);
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random.next() * from.length)] as T;
  }

  /** A moment of the first `seconds`. */
  #moment(seconds: number): number {
    return Math.round(this.#random.next() * seconds * 1000);
  }

  /** Plays it to its end. @returns what went against what is promised */
  async play(): Promise<Finding[]> {
    this.time.take();
    try {
      for (let count = this.pick([2, 4, 8]); count > 0; count--) this.#addTask();
      for (let count = this.pick([0, 1, 2]); count > 0; count--) this.#addClusterTask();
      for (let count = this.pick([0, 0, 1, 2]); count > 0; count--) this.#addOutage();
      for (let count = this.pick([1, 3, 5]); count > 0; count--) this.#addClient(count);
      await this.#untilAllHaveEnded();
      const asked = this.#clients.flatMap((client) => client.findings(this));
      return [...this.#neverEnded(), ...this.#startedTwice(), ...this.#destroyedByLooks(), ...asked];
    } finally {
      this.time.giveBack();
      await this.mock.stop();
    }
  }

  /** All that was asked, and what became of it. */
  get history(): string[] {
    return this.network.requests.map(({ client, atMs, node, method, path, fault, delivered, outcome }) => {
      const came = outcome?.kind === "answer" ? `${outcome.status} ${outcome.text.slice(0, 200)}` : outcome?.kind;
      return `${atMs} ${client} ${method} 127.0.0.${node + 1} ${path} [${fault ?? "-"}, ${delivered}] ${came}`;
    });
  }

  #addTask(): void {
    const node = this.pick([0, 1, 2]);
    const module = this.pick(["compaction", "repair"]);
    const ids = this.#random;
    const spec = { type: "major compaction", scope: "keyspace", keyspace: "shop" };
    const root = this.mock
      .node(node)
      .module(module)
      .create({
        ...spec,
        id: ids.uuid(),
        isUserTask: this.pick([true, false]),
        isAbortable: this.pick([true, true, false]),
        shard: this.pick([0, 1]),
      });
    root.start();
    const endMs = this.#moment(120);
    for (let count = this.pick([0, 0, 2]); count > 0; count--) {
      const child = this.mock
        .node(node)
        .module(module)
        .create({ ...spec, id: ids.uuid(), scope: "table", parent: root });
      child.start();
      this.#endAt(child, Math.floor(this.#random.next() * endMs));
    }
    this.#endAt(root, endMs);
    this.#watch();
  }

  #addClusterTask(): void {
    const { manager } = this.mock;
    const hasTablets = manager.release.modules.includes("tablets");
    const module = hasTablets ? this.pick(["tablets", "node_ops"]) : "node_ops";
    const type = module === "tablets" ? "user_repair" : "rebuild";
    const names = { keyspace: "telemetry", table: "readings" };
    const id = newTaskId({ kind: "cluster", module, type, ...names }, this.#random);
    const root = manager.createClusterTask(module, { id, type, scope: "cluster", ...names });
    root.start();
    const endMs = this.#moment(120);
    if (module === "node_ops" || manager.release.tabletRepairsHaveChildren) {
      for (const node of [0, 1, 2].slice(0, this.pick([0, 1, 3]))) {
        const spec = { id: this.#random.uuid(), type: "repair", scope: "shard", isUserTask: true, parent: root };
        const child = this.mock.node(node).module(module).create(spec);
        child.start();
        this.#endAt(child, Math.floor(this.#random.next() * endMs));
      }
    }
    this.#endAt(root, endMs);
    this.#watch();
  }

  #endAt(task: Task, ms: number): void {
    const isGood = this.#random.next() < 0.7;
    this.time.after(ms, () => {
      if (isGood || task.type === "user_repair") task.finish();
      else task.fail("std::runtime_error (boom)");
    });
  }

  #addOutage(): void {
    const index = this.pick([0, 1, 2]);
    const node = this.mock.node(index);
    const atMs = this.#moment(120);
    this.time.after(atMs, () => {
      this.network.cut(index);
      this.mock.manager.takeDown(node);
    });
    this.time.after(atMs + this.#moment(this.pick([5, 90])), () => this.mock.manager.bringUp(node));
  }

  #addClient(number: number): void {
    const client = drawClient(`client ${number}`, this);
    this.#clients.push(client);
    this.time.after(this.#moment(this.pick([1, 120])), () => {
      this.#working.add(client);
      void this.#work(client);
    });
  }

  async #work(client: Client): Promise<void> {
    const { runtime, written } = fakeRuntime();
    client.startedMs = this.time.elapsedMs;
    const { name } = client;
    const args = ["--url", "http://127.0.0.1:10000", ...client.args];
    const clock = this.time.clockOf((change) => this.#sleeps.set(client, (this.#sleeps.get(client) ?? 0) + change));
    const code = await working.run({ client: name, network: this.network, breakage: this.breakage }, () =>
      run(args, { ...runtime, clock }, COMMANDS),
    );
    this.#working.delete(client);
    this.time.sign();
    client.result = { code, ...written, atMs: this.time.elapsedMs };
  }

  async #untilAllHaveEnded(): Promise<void> {
    const { time } = this;
    // Whoever waits neither for the network nor for the clock reads files or loads code, which takes no simulated time.
    const isBusy = (client: Client) => !this.network.isAwaitedBy(client.name) && (this.#sleeps.get(client) ?? 0) === 0;
    do {
      await time.settle(() => [...this.#working].some(isBusy));
      this.#watch();
      if (this.#clients.every(({ result }) => result !== undefined)) return;
    } while (time.elapsedMs < LONGEST_MS && time.goOn());
  }

  /** Gets to know the tasks that are there, to remember how they end. */
  #watch(): void {
    const { manager } = this.mock;
    for (const node of manager.nodes) {
      for (const name of node.moduleNames) {
        for (const task of node.module(name).tasks) this.#follow(task, () => !node.isUp);
      }
    }
    for (const module of manager.clusterModules.values()) {
      for (const { id } of module.listedOn(manager.nodes[0] as never)) {
        const task = module.find(id);
        if (task !== undefined) this.#follow(task, () => false);
      }
    }
  }

  #follow(task: Task, isDown: () => boolean): void {
    if (this.tasks.has(task.id)) return;
    this.tasks.set(task.id, task);
    const remember = () => {
      this.time.sign();
      const state = task.state === "done" ? "done" : "failed";
      this.ends.set(task.id, { state, atMs: this.time.elapsedMs, isLost: isDown() });
    };
    if (task.isFinished) remember();
    else task.whenFinished(remember);
  }

  /** Notes what a request destroys that its sender could have known to have ended. */
  #note({ client, node, path }: SentRequest): void {
    const sender = `${client} ${node}`;
    if (path.includes("/list_module_tasks/")) this.#lastLists.set(sender, this.time.elapsedMs);
    const id = /\/task_status(?:_recursive)?\/([^?]+)/.exec(path)?.[1];
    if (id === undefined || !releaseOf(this.release).statusUnregisters) return;
    const task = this.mock.node(node).findOwn(id);
    // rest-api, Two generations: a task that ends between the list and the look is lost in a gap that nobody can close.
    const endedMs = task?.isFinished === true ? task.endTimeMs - this.time.startMs : Number.POSITIVE_INFINITY;
    if (endedMs < (this.#lastLists.get(sender) ?? Number.POSITIVE_INFINITY)) this.destroyed.push({ client, id, path });
  }

  /** What the nodes were asked to start, beside what the clients are to start: no more of it. */
  #startedTwice(): Finding[] {
    const counts = new Map<string, number>();
    for (const { node, path } of this.mock.received) {
      const [start = ""] = path.split("?");
      if (start.startsWith("/tasks/")) counts.set(`${node} ${start}`, (counts.get(`${node} ${start}`) ?? 0) + 1);
    }
    return [...counts].flatMap(([key, count]) => {
      const path = key.slice(key.indexOf(" ") + 1);
      const starters = this.#clients.filter(({ startPath }) => startPath === path);
      if (count <= starters.length) return [];
      const names = starters.map(({ name }) => name).join(", ");
      const broken = `${path} was sent ${count} times to one node, by ${starters.length} clients`;
      return [{ client: names, command: starters[0]?.args.join(" ") ?? "", broken }];
    });
  }

  #neverEnded(): Finding[] {
    return this.#clients
      .filter(({ result }) => result === undefined)
      .map(({ name, args }) => ({ client: name, command: args.join(" "), broken: "it never ended" }));
  }

  #destroyedByLooks(): Finding[] {
    return this.#clients
      .filter(({ mayDestroy }) => !mayDestroy)
      .flatMap(({ name, args }) =>
        this.destroyed
          .filter(({ client }) => client === name)
          .map(({ path }) => ({ client: name, command: args.join(" "), broken: `its look destroyed a task: ${path}` })),
      );
  }
}
