import type { Task } from "../../src/mock/domain/task.js";
import { NODES, type SentRequest } from "./network.js";
import type { World } from "./world.js";

/** What went against what is promised. */
export interface Finding {
  readonly client: string;
  readonly command: string;
  readonly broken: string;
}

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly atMs: number;
}

/** A run of the program, and what must be true of it in the end. */
export interface Client {
  readonly name: string;
  readonly args: readonly string[];
  /** The path of what it starts: once on a node, whatever happens. */
  readonly startPath: string | undefined;
  /** It may make a server forget a finished task: that is what the user asked for (rest-api: Two generations). */
  readonly mayDestroy: boolean;
  startedMs: number;
  result: Result | undefined;
  findings(world: World): Finding[];
}

/** What a client was promised: each tells what is wrong, or nothing. */
type Promised = (run: Result & Told, world: World) => string | undefined;

interface Told {
  readonly startedMs: number;
  readonly requests: readonly SentRequest[];
}

const DOCUMENTED_CODES = [0, 1, 2, 3, 4, 123, 124, 125];

/** Of every command. */
const ALWAYS: readonly Promised[] = [
  ({ code }) => (DOCUMENTED_CODES.includes(code) ? undefined : `exit code ${code} is not documented`),
  // Of an outcome of its task, a quiet wait tells by its exit code alone.
  ({ code, stderr, stdout }) =>
    [0, 123, 124].includes(code) || stderr + stdout !== "" ? undefined : "it failed without a word",
  ({ stderr }) => (/\n\s+at .*:\d+/.test(stderr) ? "a stack trace" : undefined),
];

const isDone = (world: World, id: string) => world.ends.get(id)?.state === "done";

/** A cluster task is known at every node. */
const isKnownAt =
  (address: string) =>
  (task: Task | undefined): boolean =>
    task?.nodeAddress === undefined || task.nodeAddress === address;

/** semantics 25, 26: on some releases nobody can tell, and then that is said. */
const isUnsaid = (world: World, id: string, stderr: string) =>
  world.tasks.get(id)?.type === "user_repair" && stderr.includes(`task ${id} is done or was aborted`);

/** Success only where the tasks are done in truth, failure only where one has failed, a timeout only after its time. */
const waitTellsTheTruth =
  (ids: readonly string[], until: "all" | "any", timeoutMs: number | undefined): Promised =>
  ({ code, stderr, startedMs, atMs }, world) => {
    const good = ids.filter((id) => isDone(world, id) || isUnsaid(world, id, stderr));
    if (code === 0 && (until === "all" ? good.length < ids.length : good.length === 0)) {
      return `it says that what it waited for is done, and it is not: ${ids.filter((id) => !good.includes(id))}`;
    }
    const hasFailed = (id: string) => world.ends.get(id)?.state === "failed";
    if (code === 123 && !ids.some(hasFailed)) return "it says that a task failed, and none has";
    const tooEarly = timeoutMs === undefined || atMs - startedMs < timeoutMs - 1000;
    return code === 124 && tooEarly ? "it says that its time ran out, and it has not" : undefined;
  };

/** Where nothing went wrong on the way, and the servers kept what was asked for, the outcome is known. */
const waitKnowsWhatItCan =
  (id: string): Promised =>
  ({ code, requests, atMs }, world) => {
    const end = world.ends.get(id);
    const wait = requests.find(({ path }) => path.includes("/wait_task/"));
    // In some releases, a server answers 500 while another node goes down (semantics 23).
    const wasDisturbed = requests.some(
      ({ isSpoilt, fault, outcome }) =>
        isSpoilt || fault !== undefined || (outcome?.kind === "answer" && outcome.status === 500),
    );
    if (end === undefined || end.isLost || wasDisturbed || wait === undefined || end.atMs <= wait.atMs + 21)
      return undefined;
    if (end.atMs > atMs) return undefined;
    // Another node says that it does not know the task, and the task may end before that is heard.
    if (!isKnownAt(`127.0.0.${wait.node + 1}`)(world.tasks.get(id))) return undefined;
    return code === 125 ? "it does not know an outcome that it was told" : undefined;
  };

interface Rows {
  readonly tasks: readonly { readonly task_id?: string; readonly id?: string; readonly state?: string }[];
  readonly errors?: readonly { readonly node: string }[];
}

const idsOf = (rows: Rows["tasks"]) => new Set(rows.map(({ task_id, id }) => task_id ?? id ?? ""));
const missingOf = (a: ReadonlySet<string>, b: ReadonlySet<string>) => [...a].filter((one) => !b.has(one));

/** What a client was told by lists, whole ones only. */
function listed(requests: readonly SentRequest[]): Set<string> {
  const ids = new Set<string>();
  for (const { path, isSpoilt, outcome } of requests) {
    if (!path.includes("/list_module_tasks/") || isSpoilt || outcome?.kind !== "answer" || outcome.status !== 200)
      continue;
    for (const id of idsOf(JSON.parse(outcome.text))) ids.add(id);
  }
  return ids;
}

/** A list that is whole says so, and one that is not says that. */
const listIsWholeOrSaysNot: Promised = ({ code, stdout, requests }) => {
  const lists = requests.filter(({ path }) => path.includes("/list_module_tasks/"));
  const failed = lists.filter(
    ({ outcome, isSpoilt }) => isSpoilt || outcome?.kind !== "answer" || outcome.status !== 200,
  );
  if (code === 0 && failed.length > 0) return `a part was presented as the whole: nothing of ${failed[0]?.path}`;
  // Where no node that answered knows anything of it, there is no list.
  if ((code !== 0 && code !== 3) || (code === 3 && stdout === "")) return undefined;
  const { tasks, errors = [] } = JSON.parse(stdout) as Rows;
  const told = listed(requests);
  const shown = idsOf(tasks);
  // A module that one node lacks is refused there, with 400; a proxy's 400 says nothing.
  const silent = failed.filter(
    ({ outcome, isSpoilt }) => isSpoilt || outcome?.kind !== "answer" || outcome.status !== 400,
  );
  const unnamed = silent.find(({ node }) => !errors.some((error) => error.node === `127.0.0.${node + 1}`));
  if (unnamed !== undefined) return `node ${unnamed.node} is missing, and is not among the errors`;
  const [lost] = missingOf(told, shown);
  if (lost !== undefined) return `task ${lost} was listed and is not shown`;
  const [invented] = missingOf(shown, told);
  return invented === undefined ? undefined : `task ${invented} is shown and was not listed`;
};

/** A list of one node, which is all or nothing. */
const plainListIsWhole: Promised = ({ code, stdout, requests }) => {
  if (code !== 0) return undefined;
  if (requests.some(({ isSpoilt }) => isSpoilt)) return "a list of which a part is missing is success";
  const shown = idsOf((JSON.parse(stdout) as Rows["tasks"]) ?? []);
  const told = listed(requests);
  return missingOf(told, shown).length + missingOf(shown, told).length === 0 ? undefined : "not what was listed";
};

/** A tree in which something could not be read says so. */
const treeIsWholeOrSaysNot: Promised = ({ code, stdout, requests }) => {
  if (code !== 0) return undefined;
  const rows = JSON.parse(stdout) as Rows | Rows["tasks"];
  const tasks = "tasks" in rows ? rows.tasks : rows;
  if (tasks.some(({ state }) => state === "unreachable")) return "a task is unreachable, and the tree is whole";
  const isCluster = (tasks[0] as { kind?: string } | undefined)?.kind === "cluster";
  const broken = requests.find(({ path, isSpoilt }) => isSpoilt && path.includes("/task_status_recursive/"));
  return isCluster && broken !== undefined ? `a tree without the answer to ${broken.path} is whole` : undefined;
};

/** What `abort --wait` says has ended, has. */
const hasEndedWhereItSaysSo =
  (ids: readonly string[]): Promised =>
  ({ code, atMs }, { ends, tasks }) => {
    if (code !== 0) return undefined;
    const running = ids.find((id) => tasks.has(id) && (ends.get(id)?.atMs ?? Number.POSITIVE_INFINITY) > atMs);
    return running === undefined ? undefined : `task ${running} runs still, and its abort is over`;
  };

/** Of a start that a server acted on, the user hears: its id, or that it may have started. */
const startIsNotHidden: Promised = ({ code, stdout, stderr, requests }) => {
  const acted = requests.filter(({ path, delivered }) => path.startsWith("/tasks/") && delivered > 0);
  const told =
    /started task|may have started|nothing to do/.test(stderr) || /[0-9a-f]{8}-/.test(stdout) || /unknown/.test(stdout);
  return acted.length > 0 && !told ? `an operation runs, and nothing (${code}) says so` : undefined;
};

/** What `start --wait` says is done, is. */
const startedIsDone: Promised = ({ code, stdout, stderr }, world) => {
  if (code !== 0) return undefined;
  const ids = `${stdout} ${stderr}`.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
  const undone = ids.find((id) => !isDone(world, id));
  if (undone !== undefined) return `task ${undone} is not done, and its start is success`;
  return ids.length > 0 || stderr.includes("nothing to do") ? undefined : "success without a task";
};

const everyNodeIsDone: Promised = ({ code, requests }) => {
  if (code !== 0) return undefined;
  const nodes = new Set(requests.filter(({ path }) => path.startsWith("/tasks/compaction/")).map(({ node }) => node));
  return nodes.size === NODES ? undefined : `success of all nodes, and only ${nodes.size} were asked`;
};

/** Idle is only what every node said that nothing runs on it, when it was asked last. */
const idleIsIdle =
  (nodes: number): Promised =>
  ({ code, requests }) => {
    const last = new Map<string, SentRequest>();
    for (const request of requests) {
      if (request.path.includes("/list_module_tasks/")) last.set(`${request.node} ${request.path}`, request);
    }
    const lists = [...last.values()];
    const running = lists.flatMap(({ isSpoilt, outcome, path }) => {
      if (isSpoilt || outcome?.kind !== "answer" || outcome.status !== 200) return [];
      const rows = JSON.parse(outcome.text) as Rows["tasks"];
      return rows.filter(({ state }) => state === "created" || state === "running").map(() => path);
    });
    if (code === 1 && running.length === 0) return "it says that something runs, and nothing was listed";
    if (code !== 0) return undefined;
    if (running.length > 0) return `it is idle, and a task of ${running[0]} runs`;
    const spoilt = lists.find(({ isSpoilt, outcome }) => isSpoilt || outcome?.kind !== "answer");
    if (spoilt !== undefined) return `it is idle, though nothing was heard of ${spoilt.path}`;
    const asked = new Set(lists.map(({ node }) => node)).size;
    return asked < nodes ? `it is idle, and only ${asked} of ${nodes} nodes were asked` : undefined;
  };

/** What can be started, and its call. The last two are GETs, and start work all the same (rest-api). */
const STARTS = [
  ["compaction", "keyspace_compaction"],
  ["cleanup", "keyspace_cleanup"],
  ["offstrategy", "keyspace_offstrategy_compaction"],
  ["scrub", "keyspace_scrub"],
  ["upgrade-sstables", "keyspace_upgrade_sstables"],
] as const;

export function drawClient(name: string, world: World): Client {
  const pick = <T>(from: readonly T[]): T => world.pick(from);
  const isAll = pick([true, false]);
  const roots = [...world.tasks.values()].filter(({ parent }) => parent === undefined);
  // Who asks one node mostly knows which.
  const address = pick(roots).nodeAddress ?? "127.0.0.1";
  const known = isAll || pick([true, false, false, false]) ? roots : roots.filter(isKnownAt(address));
  const ids = known.map((task) => task.id);
  const id = pick(ids);
  const all = isAll ? ["-a", "--node-timeout", "5s"] : ["--url", `http://${address}:10000`];
  const timeoutMs = pick([undefined, undefined, 5000, 60_000]);
  const timeout = timeoutMs === undefined ? [] : ["--timeout", `${timeoutMs / 1000}s`];
  const retry = pick([[], ["--retry-for", "5s"], ["--retry-for", "0"]]);
  const progress = pick([[], ["--progress", "plain"]]);
  const format = pick([[], ["--json"], ["--quiet"]]);
  const waiting = [...timeout, ...retry, ...progress, ...format];
  const keyspace = pick(["shop", "telemetry", "accounts"]);
  const many = ids.slice(0, pick([2, 4]));
  const [operation, call] = pick(STARTS);
  const client = (args: readonly string[], promises: readonly Promised[], mayDestroy = false): Client => {
    const one: Client = {
      name,
      args,
      mayDestroy,
      startPath: args[0] === "start" ? `/tasks/compaction/${call}/${keyspace}` : undefined,
      startedMs: 0,
      result: undefined,
      findings(inWorld) {
        const { result } = one;
        if (result === undefined) return [];
        const requests = inWorld.network.requests.filter((request) => request.client === name);
        return [...ALWAYS, ...promises].flatMap((promise) => {
          const broken = promise({ ...result, startedMs: one.startedMs, requests }, inWorld);
          return broken === undefined ? [] : [{ client: name, command: args.join(" "), broken }];
        });
      },
    };
    return one;
  };
  const truth = (waited: readonly string[], until: "all" | "any" = "all") =>
    waitTellsTheTruth(waited, until, timeoutMs);
  switch (
    pick([
      "wait",
      "wait",
      "wait many",
      "any",
      "start",
      "start wait",
      "start all",
      "list",
      "plain list",
      "old",
      "tree",
      "trees",
      "abort",
      "idle",
      "status",
      "explain",
    ])
  ) {
    case "wait":
      return client(["wait", id, ...all, ...waiting], [truth([id]), waitKnowsWhatItCan(id)]);
    case "wait many":
      return client(["wait", ...many, ...all, ...waiting, ...pick([[], ["--fail-fast"]])], [truth(many)]);
    case "any":
      return client(["wait", "--any", ...many, ...all, ...waiting], [truth(many, "any")]);
    case "start":
      return client(["start", operation, keyspace], [startIsNotHidden]);
    case "start wait":
      return client(
        ["start", operation, keyspace, "--wait", ...waiting, ...pick([[], ["--abort-on-timeout"]])],
        [startIsNotHidden, startedIsDone],
      );
    case "start all":
      return client(
        [
          "start",
          operation,
          keyspace,
          "-a",
          ...timeout,
          ...retry,
          "--parallel",
          pick(["1", "3"]),
          ...pick([[], ["--keep-going"]]),
        ],
        [startIsNotHidden, startedIsDone, everyNodeIsDone],
      );
    case "list":
      return client(
        ["list", "-A", "-a", "--node-timeout", "5s", "--json", ...pick([[], ["--fields", "task_id,rack"]])],
        [listIsWholeOrSaysNot],
      );
    case "plain list":
      return client(["list", pick(["compaction", "repair"]), "--internal", "--json"], [plainListIsWhole]);
    case "old":
      return client(["list", "-A", ...all, "--older-than", "10s", "--json"], []);
    case "tree":
      return client(["tree", id, "-a", "--node-timeout", "5s", "--json"], [treeIsWholeOrSaysNot], true);
    case "trees":
      return client(["tree", "-a", "--node-timeout", "5s", "--json"], [], true);
    case "abort":
      return client(["abort", ...many, "--wait", ...all, ...retry], [hasEndedWhereItSaysSo(many)]);
    case "idle": {
      const wait = pick([[], ["--wait", "--for", "10s", "--timeout", "5m", ...progress], ["--wait"]]);
      return client(["idle", ...all, ...wait, ...pick([[], ["--json"]])], [idleIsIdle(isAll ? NODES : 1)]);
    }
    case "status":
      return client(["status", id, "-a", "--node-timeout", "5s"], []);
    default:
      return client(["explain", id, ...all], []);
  }
}
