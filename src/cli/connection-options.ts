import { type Command, InvalidArgumentError, Option, type OptionValueSource, type OptionValues } from "commander";
import type { ConnectionOptions, MockOptions } from "../nodes/connection-options.js";
import { UsageError } from "../usage-error.js";
import { positiveNumber, sizeBytes, timeLimitMs, timePoint, wholeNumber } from "./option-values.js";

const collect = (value: string, previous: string[] | undefined) => [...(previous ?? []), value];

/** `a`, `b,c`: the option may be repeated, and a value may be a list. */
const collectList = (value: string, previous: string[] | undefined) => [
  ...(previous ?? []),
  ...value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
];

/** Options of nodetool that have no effect here. */
const IGNORED_OPTIONS = ["-u, --username <name>", "--password <password>", "--password-file <file>", "--print-port"];

export function addConnectionOptions(root: Command): void {
  const add = (
    flags: string,
    description: string,
    env: string,
    more: (option: Option) => Option = (option) => option,
  ) => root.addOption(more(new Option(flags, description).env(env)));
  root.optionsGroup("Node:");
  // Without a default in commander, it is known whether the user named a host, which decides between --host and --url.
  add("-h, --host <host>", 'host name or IP address (repeatable; default: "localhost")', "TASKS_HOST", (option) =>
    option.argParser(collectList),
  );
  add("-p, --port <port>", "port of the REST API (default: 10000)", "TASKS_PORT", (option) =>
    option.argParser(wholeNumber(0, 65_535)),
  );
  root.addOption(
    new Option("--rest-api-port <port>", "same as --port, and overrides it").argParser(wholeNumber(1, 65_535)),
  );
  root.addOption(
    new Option(
      "-D, --define <key=value>",
      "com.scylladb.apiPort=PORT overrides --port; other keys are ignored",
    ).argParser(collect),
  );
  add("--url <url>", "URL instead of host and port: https://host:10001/prefix", "TASKS_URL");

  add("--from <journal>", "read a journal of tasks record instead: a directory, a file, or -", "TASKS_FROM");
  root.addOption(
    new Option(
      "--at <time>",
      "with --from: show this point in time (2026-11-24T03:12, '2h ago'; default: the end)",
    ).argParser(timePoint),
  );

  root.optionsGroup("Cluster:");
  root.option("-a, --all-nodes", "query all live nodes of the cluster, not only this one");
  root.option("--no-all-nodes", "query only this node, even if the context says otherwise");
  add("--concurrency <count>", "how many nodes to query at once", "TASKS_CONCURRENCY", (option) =>
    option.argParser(wholeNumber(1, 1000)).default(32),
  );
  add("--node-timeout <duration>", "time limit for each node", "TASKS_NODE_TIMEOUT", (option) =>
    option.argParser(timeLimitMs).default(10_000, "10s"),
  );
  add("--node-map <address=url>", "URL of the node with this address (repeatable)", "TASKS_NODE_MAP", (option) =>
    option.argParser(collectList),
  );
  add("--node-url <template>", "URL of each node; %h is its address: https://%h:10001", "TASKS_NODE_URL");

  root.optionsGroup("Connection:");
  add(
    "--request-timeout <duration>",
    "give up when a node sends nothing for this long",
    "TASKS_REQUEST_TIMEOUT",
    (option) => option.argParser(timeLimitMs).default(60_000, "60s"),
  );
  add(
    "--deadline <duration>",
    "time limit for the whole command, but not for a wait (default: none)",
    "TASKS_DEADLINE",
    (option) => option.argParser(timeLimitMs),
  );
  add("--max-response <size>", "maximum size of a response: 100MB, 2GB", "TASKS_MAX_RESPONSE", (option) =>
    option.argParser(sizeBytes).default(512 * 1024 ** 2, "512MB"),
  );
  add("--max-tasks <count>", "maximum number of tasks to read in one command", "TASKS_MAX_TASKS", (option) =>
    option.argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER)).default(2_000_000),
  );
  add("--token-file <file>", "file with a bearer token (or set TASKS_TOKEN)", "TASKS_TOKEN_FILE");
  root.option("--insecure-token", "allow sending the token over plain HTTP");
  add("--header-file <file>", "file with extra headers, one `Name: value` per line", "TASKS_HEADER_FILE");
  add("--ca <file>", "CA certificate to trust (PEM)", "TASKS_CA");
  add("--cert <file>", "client certificate (PEM)", "TASKS_CERT");
  add("--key <file>", "key of the client certificate (PEM)", "TASKS_KEY");
  root.option("--insecure", "do not verify the server's certificate");
  add("--proxy-command <command>", "connect through this command: 'ssh -W %h:%p bastion'", "TASKS_PROXY_COMMAND");
  root.addOption(new Option("--context <name>", "use this context of the configuration file").env("TASKS_CONTEXT"));

  root.optionsGroup(MOCK_GROUP);
  root.option("--mock", "use an embedded mock server; no database needed");
  root.option("--scenario <name>", "tasks to play: a built-in scenario or a YAML file");
  root.option("--replay <journal>", "play a journal of tasks record: a directory or a file");
  root.option("--release <name>", "ScyllaDB release to behave like: 6.2, seed, 2025.1 to 2026.3 (default: latest)");
  root.addOption(
    new Option("--generation <name>", "same as --release seed or --release latest").choices(["seed", "current"]),
  );
  root.option("--nodes <count>", "number of nodes, at 127.0.0.1, 127.0.0.2, ...", wholeNumber(1, 1000));
  root.option("--shards <count>", "shards per node", wholeNumber(1, 256));
  root.option("--speed <factor>", "run this many times faster than real time", positiveNumber);
  root.option("--seed <number>", "seed for random choices", wholeNumber(0, 2 ** 32 - 1));
  root.option("--test-api", "also serve the test task API of development builds");
  root.option("--control", "serve routes that let tests control tasks, nodes and faults");
  root.optionsGroup("Ignored:");
  for (const ignored of IGNORED_OPTIONS) root.addOption(new Option(ignored).hideHelp());
}

/** The options of the mock, in the form that starting it takes. */
export function mockOptions(parsed: OptionValues): MockOptions {
  const { nodes, shards, release, generation, scenario, replay, speed, seed, testApi, control: controlApi } = parsed;
  return { nodes, shards, release, generation, scenario, replay, speed, seed, testApi, controlApi };
}

/** Title of the options of the embedded mock. */
export const MOCK_GROUP = "Mock server (with --mock, and for the command mock):";

/** Precedence: the command line beats the environment, which beats the context. */
const RANKS: Readonly<Record<string, number>> = { context: 1, env: 2, cli: 3 };

const rank = (source: OptionValueSource | string | undefined) => RANKS[source ?? ""] ?? 0;

/** A token from the environment or a context, which is not an option. */
export interface BareToken {
  readonly text: string;
  readonly source: "env" | "context";
}

/** Reads what commander parsed, including the environment and the context. */
export function connectionOptions(root: Command, token: BareToken | undefined): ConnectionOptions {
  const parsed = root.opts();
  const from = journal(root);
  if (from === undefined && parsed.at !== undefined) throw new UsageError("option '--at <time>' needs --from");
  const ofMock = root.options.find(
    (option) => option.helpGroupHeading === MOCK_GROUP && root.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (ofMock !== undefined && !parsed.mock) throw new UsageError(`option '--${ofMock.name()}' needs --mock`);
  const isBare = token !== undefined && rank(token.source) > rank(root.getOptionValueSource("tokenFile"));
  return {
    from,
    at: parsed.at,
    mock: parsed.mock === true,
    mockOptions: mockOptions(parsed),
    urls: nodeUrls(root),
    allNodes: parsed.allNodes === true,
    concurrency: parsed.concurrency,
    nodeTimeoutMs: parsed.nodeTimeout,
    requestTimeoutMs: parsed.requestTimeout,
    deadlineMs: parsed.deadline,
    maxResponseBytes: parsed.maxResponse,
    maxTasks: parsed.maxTasks,
    nodeMap: nodeMap(parsed.nodeMap ?? []),
    nodeUrl: nodeUrlTemplate(parsed.nodeUrl),
    // If both are given, the one with the higher precedence counts.
    tokenFile: isBare ? undefined : parsed.tokenFile,
    token: isBare ? token.text : undefined,
    insecureToken: parsed.insecureToken === true,
    headerFile: parsed.headerFile,
    ca: parsed.ca,
    cert: parsed.cert,
    key: parsed.key,
    insecure: parsed.insecure === true,
    proxyCommand: parsed.proxyCommand,
  };
}

/** Options that name nodes instead of a journal: if both are given, the one with the higher precedence counts. */
const OTHER_NODES = ["host", "port", "rest-api-port", "url", "all-nodes", "mock"];

/** The journal to read; `undefined` if nodes are to be queried. */
function journal(root: Command): string | undefined {
  const { from, ...parsed } = root.opts();
  if (from === undefined) return undefined;
  const fromRank = rank(root.getOptionValueSource("from"));
  let isMeant = true;
  for (const option of root.options) {
    const name = option.attributeName();
    const long = option.name();
    if (!OTHER_NODES.includes(long) || !parsed[name]) continue;
    const otherRank = rank(root.getOptionValueSource(name));
    if (otherRank === fromRank) {
      throw new UsageError(`option '--from <journal>' cannot be used together with --${long}`);
    }
    if (otherRank > fromRank) isMeant = false;
  }
  return isMeant ? from : undefined;
}

function nodeUrls(root: Command): string[] {
  const parsed = root.opts();
  const sourceRank = (name: string) => rank(root.getOptionValueSource(name));
  const urlRank = parsed.url === undefined ? 0 : sourceRank("url");
  const defined = definedPort(parsed.define ?? []);
  const definedRank = defined === undefined ? 0 : sourceRank("define");
  const hostRank = Math.max(sourceRank("host"), sourceRank("port"), sourceRank("restApiPort"), definedRank);
  if (urlRank > 0 && urlRank === hostRank) {
    throw new UsageError("option '--url <url>' cannot be used together with --host or --port");
  }
  if (urlRank > hostRank) return [checkedUrl("--url <url>", parsed.url)];
  const port = parsed.restApiPort ?? defined ?? parsed.port ?? 10_000;
  if (port === 0) {
    throw new UsageError("option '-p, --port <port>' argument '0' is invalid. It takes a port from 1 to 65535.");
  }
  const hosts: string[] = parsed.host ?? ["localhost"];
  if (hosts.length === 0)
    throw new UsageError("option '-h, --host <host>' argument '' is invalid. It takes a host name.");
  return hosts.map((host) => hostUrl(host, port));
}

/** @throws UsageError if host and port are no valid URL. */
export function hostUrl(host: string, port: number): string {
  const name = hostInUrl(host);
  if (name === undefined) {
    throw new UsageError(
      `option '-h, --host <host>' argument '${host}' is invalid. It takes a host name or an IP address.`,
    );
  }
  return `http://${name}:${port}`;
}

/** The host as it is written in a URL; `undefined` if it contains a path, a user or a port, and would name something else. */
export function hostInUrl(host: string): string | undefined {
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return /^(\[[0-9a-fA-F:.%]+\]|[^\s/?#@:[\]]+)$/.test(name) && URL.canParse(`http://${name}`) ? name : undefined;
}

function checkedUrl(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (/\/\/[^/]*@/.test(text) || (url !== undefined && url.username + url.password !== "")) {
    throw new UsageError(
      `option '${option}' does not accept a user or password in the URL: other users of this machine could see them`,
    );
  }
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new UsageError(
      `option '${option}' argument '${text}' is invalid. It takes an http or https URL without '?' and '#'.`,
    );
  }
  return text;
}

function nodeUrlTemplate(template: string | undefined): string | undefined {
  if (template === undefined) return undefined;
  if (!template.includes("%h")) {
    throw new UsageError(
      `option '--node-url <template>' argument '${template}' is invalid. It takes a URL with %h for the node's address.`,
    );
  }
  checkedUrl("--node-url <template>", template.replaceAll("%h", "node"));
  return template;
}

function nodeMap(pairs: readonly string[]): Map<string, string> {
  return new Map(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals <= 0) {
        throw new UsageError(`option '--node-map <address=url>' argument '${pair}' is invalid. It takes ADDRESS=URL.`);
      }
      return [pair.slice(0, equals), checkedUrl("--node-map <address=url>", pair.slice(equals + 1))];
    }),
  );
}

const PORT_KEY = "com.scylladb.apiPort";

function definedPort(definitions: readonly string[]): number | undefined {
  const definition = definitions.findLast((text) => text.startsWith(`${PORT_KEY}=`));
  if (definition === undefined) return undefined;
  try {
    return wholeNumber(1, 65_535)(definition.slice(PORT_KEY.length + 1));
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`option '-D${definition}' is invalid. ${error.message}`);
  }
}
