import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { tlsFile } from "../fixtures/agent-proxy.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import type { Run } from "../fixtures/run-tasks.js";
import { type Answer, jsonAnswer, scriptedServer, textAnswer } from "../fixtures/scripted-server.js";
import { broken, cutOff, ID, idOf, silent } from "../fixtures/wait-servers.js";

const FILE = fileURLToPath(new URL("../../docs/failures.md", import.meta.url));

/** The commands that stand for all, as the columns of the table. */
const COMMANDS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["modules", ["modules"]],
  ["list", ["list", "compaction"]],
  ["status", ["status", ID]],
  ["tree", ["tree", ID]],
  ["wait", ["wait", ID, "--retry-for", "0"]],
  ["abort", ["abort", ID]],
  ["start", ["start", "compaction", "shop"]],
  ["ttl", ["ttl"]],
  ["list -a", ["list", "compaction", "-a"]],
];

const INTRODUCTION = `# What happens when a node fails

Each row is a fault of a node, with the exit code of each command; [exit-codes.md](exit-codes.md) explains the numbers.
\`test/commands/fault-matrix.test.ts\` causes each of these faults, and writes this table.

- With \`-a\`, one of two nodes has the fault: the answer of the other is printed, stderr names the faulty node, and the
  exit code is 3.
- \`wait\` runs with \`--retry-for 0\`, so it does not try again. It exits with 0 only if the node says that this task is
  done.
- \`--request-timeout\`, \`--deadline\`, and for a wait \`--timeout\`, end requests to a node that is silent or sends its
  answer byte by byte.
- As in nodetool, \`abort\` reads only the status of the answer, 403 means that the task cannot be aborted, and 408 that
  the timeout of a wait has passed. With a web page or plain text as their body, these numbers come from a proxy, and
  are errors.
- \`ttl\` prints any JSON that it gets, as nodetool does.
- With 400 and its own message, a node says that it does not know the task or module; in a cluster that is normal for
  nodes that do not have it. Any other 400, such as a proxy's, is a failure of that node.
- A row that cannot be used (\`--help\` as an id) is left out of the list, with a warning.
`;

interface Fault {
  readonly name: string;
  readonly answer: Answer;
  /** What `list` says of it. */
  readonly phrase: string;
  /** The exit codes of the commands, in their order. */
  readonly codes: readonly number[];
  /** Limits without which no command would end, or none as fast. */
  readonly limits?: readonly string[];
  readonly server?: "none" | "tls";
}

/** What a node answers where nothing is wrong, but for some fields of each task. */
const healthy =
  (changes: Readonly<Record<string, string>> = {}): Answer =>
  (request, response) => {
    const task = { task_id: ID, id: ID, kind: "node", state: "done", ...changes };
    const answers: [string, unknown][] = [
      ["/task_manager/list_modules", ["compaction"]],
      ["/task_manager/list_module_tasks/", [task]],
      ["/task_manager/task_status_recursive/", [task]],
      ["/task_manager/task_status/", task],
      ["/task_manager/wait_task/", task],
      ["/task_manager/ttl", 10],
      ["/tasks/", task.id],
      ["/gossiper/endpoint/live/", ["127.0.0.1", "127.0.0.2"]],
      ["/gossiper/endpoint/down/", []],
      ["/storage_service/host_id", []],
    ];
    const found = answers.find(([path]) => request.url?.startsWith(path));
    jsonAnswer(found?.[1] ?? null)(request, response);
  };

const html = (status: number) => textAnswer("<html>sorry</html>", status, { "content-type": "text/html" });
const error = (status: number) => jsonAnswer({ message: "not today", code: status }, status);
const refusal = jsonAnswer({ message: "std::runtime_error (module compaction not found)", code: 400 }, 400);

const resetBeforeHeaders: Answer = (request) => request.socket.resetAndDestroy();
const resetInBody: Answer = (request, response) => {
  response.writeHead(200, { "content-length": "100" }).write("[");
  setImmediate(() => request.socket.resetAndDestroy());
};
const endedInChunk: Answer = (request, response) => {
  response.write('[{"task_id":');
  setImmediate(() => request.socket.destroy());
};
const drip: Answer = (_request, response) => {
  response.write("[");
  const timer = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(timer));
};

const BROKEN = "the connection broke before the answer was complete";

const of = (name: string, answer: Answer, phrase: string, codes: string, more: Partial<Fault> = {}): Fault => ({
  ...{ name, answer, phrase, codes: codes.split(" ").map(Number) },
  ...more,
});

const FAULTS: readonly Fault[] = [
  of("no server on the port", silent, "connection refused", "2 2 2 2 125 2 2 2 3", { server: "none" }),
  of("closed before the answer", broken, BROKEN, "2 2 2 2 125 2 2 2 3"),
  of("reset before the answer", resetBeforeHeaders, BROKEN, "2 2 2 2 125 2 2 2 3"),
  of("a body that is too short, then closed", cutOff, "expected a JSON array", "2 2 2 2 125 2 2 2 3"),
  of("half a body, then reset", resetInBody, BROKEN, "2 2 2 2 125 2 2 2 3"),
  of("half a chunked body", endedInChunk, BROKEN, "2 2 2 2 125 2 2 2 3"),
  of("no answer at all", silent, "no answer", "2 2 2 2 124 2 2 2 3", { limits: ["--request-timeout", "2"] }),
  of("an answer sent byte by byte", drip, "--deadline", "2 2 2 2 124 2 2 2 2", { limits: ["--deadline", "3"] }),
  of("a certificate of an unknown authority", healthy(), "certificate", "2 2 2 2 125 2 2 2 3", { server: "tls" }),
  // A node that knows no such module is one of a cluster that has none of its tasks.
  of("400: no such module", refusal, "module compaction not found", "4 4 4 4 125 4 4 4 0"),
  // Anybody's 400 that has not the words of the server is no answer to what was asked.
  of("error 400", error(400), "answered 400", "4 4 4 4 125 4 4 4 3"),
  of("a web page as error 400", html(400), "answered 400", "4 4 4 4 125 4 4 4 3"),
  of("a text as error 400", textAnswer("Bad Request", 400), "answered 400", "4 4 4 4 125 4 4 4 3"),
  of("other JSON as error 400", jsonAnswer({ error: "bad request" }, 400), "answered 400", "4 4 4 4 125 4 4 4 3"),
  // nodetool: a task that is not abortable is no failure; a proxy that lets nobody in is one.
  of("error 403", error(403), "answered 403", "4 4 4 4 125 0 4 4 3"),
  of("a web page as error 403", html(403), "answered 403", "4 4 4 4 125 4 4 4 3"),
  // rest-api: this is how the server says that the time of a wait is up.
  of("error 408", error(408), "answered 408", "4 4 4 4 124 4 4 4 3"),
  of("a web page as error 408", html(408), "answered 408", "4 4 4 4 125 4 4 4 3"),
  ...[401, 404, 500, 502, 503, 504].map((status) =>
    of(`error ${status}`, error(status), `answered ${status}`, "4 4 4 4 125 4 4 4 3"),
  ),
  of("a web page as error 502", html(502), "answered 502", "4 4 4 4 125 4 4 4 3"),
  of("a web page as answer", html(200), "unreadable answer", "2 2 2 2 125 2 2 2 3"),
  of("a redirect", textAnswer("", 302, { location: "/elsewhere" }), "302", "4 4 4 4 125 4 4 4 3"),
  of("202 Accepted", jsonAnswer({}, 202), "its status is", "2 2 2 2 125 2 2 2 3"),
  of("206 Partial Content", jsonAnswer([], 206), "its status is", "2 2 2 2 125 2 2 2 3"),
  of("not JSON", textAnswer('[{"task_id"'), "unreadable answer", "2 2 2 2 125 2 2 2 3"),
  of("an empty answer", textAnswer(""), "unreadable answer", "2 2 2 2 125 0 2 2 3"),
  of("a string as answer", jsonAnswer("-x"), "unreadable answer", "2 2 2 2 125 0 2 0 3"),
  of("rows that are not tasks", jsonAnswer([1]), "should be an object", "2 2 2 2 125 0 2 0 3"),
  of("`--help` as an id", healthy({ id: "--help", task_id: "--help" }), "left out", "0 3 2 3 125 0 2 0 3"),
  of("the status of another task", healthy({ id: idOf(7) }), "", "0 0 0 0 125 0 0 0 0"),
  of("an unknown state", healthy({ state: "resting" }), "", "0 0 0 0 125 0 0 0 0"),
];

/** Runs a command against a node with a fault; with -a, against one that is well and knows the other. */
async function run(fault: Fault, name: string, args: readonly string[]): Promise<Run> {
  const options = fault.server === "tls" ? { key: await pem("server-key"), cert: await pem("server") } : undefined;
  const faulty = await scriptedServer(
    fault.answer,
    options &&
      ((answer) => createTlsServer(options, (request, response) => answer(request as IncomingMessage, response))),
  );
  const well = await scriptedServer(healthy());
  const url = fault.server === "tls" ? faulty.url.replace("http:", "https:") : faulty.url;
  try {
    if (fault.server === "none") await faulty.stop();
    const maps = ["--node-map", `127.0.0.1=${well.url}`, "--node-map", `127.0.0.2=${url}`];
    const nodes = name.endsWith("-a") ? ["--url", well.url, ...maps] : ["--url", url];
    const limit = fault.limits === undefined ? [] : name === "wait" ? ["--timeout", "0.5"] : fault.limits;
    return await runInProcess([...args, ...nodes, ...limit]);
  } finally {
    if (fault.server !== "none") await faulty.stop();
    await well.stop();
  }
}

const pem = (name: string) => readFile(tlsFile(`${name}.pem`));

test.concurrent.each(FAULTS)("$name", async (fault) => {
  const runs = await Promise.all(COMMANDS.map(([name, args]) => run(fault, name, args)));
  expect(runs.map(({ code }) => code)).toEqual(fault.codes);
  expect(runs[1]?.stderr).toContain(fault.phrase);
  for (const { code, stdout, stderr } of runs) {
    expect(stderr).not.toMatch(/\n {4}at /);
    // nodetool: the end of a wait's time is said on stdout.
    if (code === 0) expect(stderr).toBe("");
    else expect(`${stdout}${stderr}`).not.toBe("");
  }
});

// `npx vitest run --update=all test/commands/fault-matrix.test.ts` writes it anew.
test("docs/failures.md is the table of them", async () => {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  const names = COMMANDS.map(([name]) => (name === "list -a" ? "`list -a`, one of two nodes" : `\`${name}\``));
  const table = [
    row(["what the node does", ...names, "`list` says"]),
    row(["---", ...names.map(() => "---"), "---"]),
    ...FAULTS.map(({ name, codes, phrase }) => row([name, ...codes, phrase])),
  ].join("\n");
  await expect(`${INTRODUCTION}\n${table}\n`).toMatchFileSnapshot(FILE);
});
