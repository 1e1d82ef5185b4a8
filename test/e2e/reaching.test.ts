import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentProxy, RELAY, tlsFile } from "../fixtures/agent-proxy.js";
import { runTasks } from "../fixtures/run-tasks.js";
import { jsonAnswer, type ScriptedServer, scriptedServer } from "../fixtures/scripted-server.js";

const TOKEN = "s3cret-t0ken";
const ends: (() => Promise<void>)[] = [];
let folder: string;
let node: ScriptedServer;
let agent: ScriptedServer;
let tokenFile: string;

/** Writes a file into the tests' own folder. */
async function fileOf(name: string, text: string, mode = 0o600): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tasks-reaching-"));
  node = await scriptedServer({
    "/task_manager/list_modules": jsonAnswer(["compaction"]),
    "/prefix/task_manager/list_modules": jsonAnswer(["prefixed"]),
  });
  agent = await agentProxy({ target: node.url, token: TOKEN });
  tokenFile = await fileOf("token", `${TOKEN}\n`);
  ends.push(node.stop, agent.stop, () => rm(folder, { recursive: true }));
});

afterAll(async () => {
  for (const end of ends) await end();
});

describe.concurrent("TLS and a token", () => {
  test("reach a node behind an agent", async () => {
    const run = await runTasks(["modules", "--url", agent.url, "--ca", tlsFile("ca.pem"), "--token-file", tokenFile]);
    expect(run).toEqual({ code: 0, stdout: "compaction\n", stderr: "" });
  });

  test("take the token from the environment, and the path of the URL as a prefix", async () => {
    const env = { TASKS_TOKEN: TOKEN, TASKS_URL: `${agent.url}/prefix/`, TASKS_CA: tlsFile("ca.pem") };
    expect(await runTasks(["modules"], { env })).toEqual({ code: 0, stdout: "prefixed\n", stderr: "" });
  });

  test("a wrong token is the server's 401, and is not repeated", async () => {
    const env = { TASKS_TOKEN: "wr0ng" };
    const run = await runTasks(["modules", "--url", agent.url, "--ca", tlsFile("ca.pem")], { env });
    expect(run.code).toBe(4);
    expect(run.stderr).toContain("401 Unauthorized: unauthorized");
    expect(run.stderr).not.toContain("wr0ng");
  });

  test("a server that repeats a token does not make the message show it", async () => {
    const echo = await scriptedServer((request, response) =>
      jsonAnswer({ message: `bad: ${request.headers.authorization}`, code: 401 }, 401)(request, response),
    );
    const run = await runTasks(["modules", "--url", echo.url], { env: { TASKS_TOKEN: TOKEN } });
    await echo.stop();
    expect(run.code).toBe(4);
    expect(run.stderr).toContain("bad: Bearer ********");
  });

  test("an unknown authority is refused; --insecure accepts it and says so", async () => {
    const env = { TASKS_TOKEN: TOKEN };
    const refused = await runTasks(["modules", "--url", agent.url], { env });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("certificate");
    const accepted = await runTasks(["modules", "--url", agent.url, "--insecure"], { env });
    expect(accepted).toMatchObject({ code: 0, stdout: "compaction\n" });
    expect(accepted.stderr).toBe("warning: --insecure: the certificate of the node is not checked\n");
  });

  test("an expired certificate is refused, and doctor says what to do", async () => {
    const expired = await agentProxy({ target: node.url, token: TOKEN, certificate: "expired" });
    try {
      const args = ["--url", expired.url, "--ca", tlsFile("ca.pem"), "--token-file", tokenFile];
      const run = await runTasks(["modules", ...args]);
      expect(run.code).toBe(2);
      expect(run.stderr).toContain("certificate has expired");
      const doctor = await runTasks(["doctor", ...args, "--json"]);
      expect(doctor.code).toBe(1);
      expect(JSON.parse(doctor.stdout).at(-1)).toMatchObject({
        check: "tls",
        result: "wrong",
        advice: "the node needs a new certificate; --insecure accepts this one",
      });
    } finally {
      await expired.stop();
    }
  });

  test("a client certificate is shown where the server wants one", async () => {
    const strict = await agentProxy({ target: node.url, token: TOKEN, wantsClientCertificate: true });
    try {
      const args = ["modules", "--url", strict.url, "--ca", tlsFile("ca.pem"), "--token-file", tokenFile];
      const refused = await runTasks(args);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(/^error: [^\n]*TLS: [^\n]*certificate required[^\n]*\n$/);
      const doctor = await runTasks(["doctor", ...args.slice(1)]);
      expect(doctor.stdout).toMatch(/ok {4}port .*\nwrong tls .*\n.*--cert and --key/);
      const run = await runTasks([...args, "--cert", tlsFile("client.pem"), "--key", tlsFile("client-key.pem")]);
      expect(run).toMatchObject({ code: 0, stdout: "compaction\n" });
    } finally {
      await strict.stop();
    }
  });

  test.each([
    [["--ca", RELAY], "has no certificate"],
    [["--cert", tlsFile("client.pem")], "go together"],
    [["--cert", tlsFile("client.pem"), "--key", tlsFile("server-key.pem")], "key values mismatch"],
    [["--cert", RELAY, "--key", RELAY], "no start line"],
  ])("%j is a usage error", async (args, phrase) => {
    const run = await runTasks(["modules", "--url", agent.url, ...args]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain(phrase);
  });

  test("a token never goes over plain HTTP beyond this machine unless told to", async () => {
    const env = { TASKS_TOKEN: TOKEN };
    const run = await runTasks(["modules", "-h", "192.0.2.1"], { env });
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("http://192.0.2.1:10000 over plain HTTP");
    expect(run.stderr).not.toContain(TOKEN);
    expect(await runTasks(["modules", "-h", "127.0.0.1", "-p", String(node.port)], { env })).toMatchObject({ code: 0 });
  });

  test("a user in the URL is refused without repeating him", async () => {
    const run = await runTasks(["modules", "--url", "https://me:pa55@127.0.0.1/"]);
    expect(run.code).toBe(1);
    expect(run.stderr).not.toContain("pa55");
  });

  test("a user without slashes before him is one too", async () => {
    const run = await runTasks(["modules", "--url", `https:operator:${TOKEN}@host:1`]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("takes no user or password");
    expect(run.stderr).not.toContain(TOKEN);
  });

  test("more headers come from a file, whose errors name the line", async () => {
    const good = await fileOf("headers", `# for the agent\nAuthorization: Bearer ${TOKEN}\n`);
    const args = ["modules", "--url", agent.url, "--ca", tlsFile("ca.pem"), "--header-file"];
    expect(await runTasks([...args, good])).toMatchObject({ code: 0 });
    const bad = await fileOf("bad-headers", "X-One: 1\nno header\n");
    const run = await runTasks([...args, bad]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("line 2");
  });

  test("a file that is not there is named with its option", async () => {
    const run = await runTasks(["modules", "--token-file", "/nonexistent/token"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("option '--token-file <file>': cannot read '/nonexistent/token'");
  });

  test("a file without end is not read to its end", async () => {
    const run = await runTasks(["modules", "--header-file", "/dev/zero"]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("cannot read '/dev/zero': it is larger than 10 MB");
    const scenario = await runTasks(["--mock", "--scenario", "/dev/zero", "modules"]);
    expect(scenario.stderr).toContain("cannot read scenario /dev/zero: it is larger than 10 MB");
  });
});

describe.concurrent("a proxy command", () => {
  test("is the connection: the node is reached through its stdin and stdout", async () => {
    const command = `'${process.execPath}' '${RELAY}' 127.0.0.1 ${node.port} %h %p %n`;
    const run = await runTasks(["modules", "-h", "10.1.2.3", "-p", "4711", "--proxy-command", command]);
    expect(run).toEqual({ code: 0, stdout: "compaction\n", stderr: "" });
  });

  test("carries TLS too, checked against the name in the URL", async () => {
    const command = `'${process.execPath}' '${RELAY}' 127.0.0.1 ${agent.port}`;
    const run = await runTasks([
      "modules",
      ...["--url", "https://localhost:10001", "--proxy-command", command],
      ...["--ca", tlsFile("ca.pem"), "--token-file", tokenFile],
    ]);
    expect(run).toEqual({ code: 0, stdout: "compaction\n", stderr: "" });
  });

  test("that fails is reported with its own words", async () => {
    const run = await runTasks(["modules", "--proxy-command", "sh -c 'echo no route to %h >&2; exit 7'"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("the proxy command failed: it ended with exit code 7: no route to localhost");
  });

  test("is never given a name that a shell would act on", async () => {
    const run = await runTasks(["modules", "-h", "a$(touch)b", "--proxy-command", "cat %h"]);
    expect(run.code).not.toBe(0);
    expect(run.stderr).toMatch(/cannot be put into a proxy command|is invalid/);
  });
});

describe.concurrent("contexts", () => {
  const contexts = async (name: string, text: string, mode?: number) => ({
    TASKS_CONFIG: await fileOf(name, text, mode),
  });

  test("option > environment > context > default, each shown with its source", async () => {
    const env = {
      ...(await contexts("a.yaml", "current: c\ncontexts:\n  c: {host: ctx, port: 1, concurrency: 3}\n")),
      TASKS_PORT: "2",
    };
    const run = await runTasks(["context", "show", "--effective", "--json", "--node-timeout", "5s"], { env });
    const rows: { option: string; value: string; source: string }[] = JSON.parse(run.stdout);
    const shown = Object.fromEntries(rows.map(({ option, value, source }) => [option, `${value} ${source}`]));
    expect(shown).toMatchObject({
      host: "ctx context",
      port: "2 env",
      concurrency: "3 context",
      "node-timeout": "5s cli",
      "request-timeout": "60s default",
    });
  });

  test("the chosen one is used, and a host on the command line beats its URL", async () => {
    const env = await contexts("b.yaml", `contexts:\n  one:\n    url: ${node.url}\n`);
    expect(await runTasks(["modules", "--context", "one"], { env })).toMatchObject({ code: 0, stdout: "compaction\n" });
    const run = await runTasks(["modules", "--context", "one", "-h", "127.0.0.1", "-p", "1"], { env });
    expect(run.stderr).toContain("cannot reach http://127.0.0.1:1 ");
    const defined = await runTasks(["modules", "--context", "one", "-Dcom.scylladb.apiPort=1"], { env });
    expect(defined.stderr).toContain("cannot reach http://localhost:1 ");
  });

  test("a token of the environment wins over a context's file, and a file on the command line over both", async () => {
    const text = `current: a\ncontexts:\n  a: {url: "${agent.url}", ca: ${tlsFile("ca.pem")}, token-file: ${tokenFile}}\n`;
    const env = { ...(await contexts("e.yaml", text)), TASKS_TOKEN: "wrong" };
    expect(await runTasks(["modules"], { env })).toMatchObject({ code: 4 });
    const shown = await runTasks(["context", "show", "--effective"], { env });
    expect(shown.stdout).toMatch(/^token +\*+ +env *$/m);
    expect(shown.stdout).not.toContain("token-file");
    expect(await runTasks(["modules", "--token-file", tokenFile], { env })).toMatchObject({ code: 0 });
    expect(await runTasks(["modules"], { env: { ...env, TASKS_TOKEN: "" } })).toMatchObject({ code: 0 });
  });

  test("--context chooses what list and show tell of", async () => {
    const env = await contexts("f.yaml", "current: a\ncontexts:\n  a: {port: 1}\n  b: {port: 2}\n");
    expect((await runTasks(["--context", "b", "context", "show"], { env })).stdout).toMatch(/^port +2 *$/m);
    expect((await runTasks(["--context", "b", "context", "list"], { env })).stdout).toMatch(/^b +true *$/m);
  });

  test("says how to print, to commands that ask no node by themselves too", async () => {
    const text = `current: a\ncontexts:\n  a: {url: "${node.url}", output: csv, no-header: true}\n`;
    const env = await contexts("g.yaml", text);
    expect((await runTasks(["doctor"], { env })).stdout).toMatch(/^tasks,ok,version [\d.]+,\r\nname,ok,/);
    const shown = await runTasks(["context", "show", "--effective"], { env });
    expect(shown.stdout).toContain("\r\nno-header,true,context\r\n");
  });

  test.each([`a: ${TOKEN}`, `a: {Token: ${TOKEN}}`])("a token in the wrong place is not shown: %s", async (entry) => {
    const env = await contexts(`h${entry.length}.yaml`, `current: a\ncontexts:\n  ${entry}\n`);
    for (const args of [["modules"], ["context", "show"]]) {
      const run = await runTasks(args, { env });
      expect(run.stdout + run.stderr).not.toContain(TOKEN);
    }
  });

  test("use keeps the comments of the file", async () => {
    const env = await contexts("c.yaml", "# mine\ncurrent: a\ncontexts:\n  a: {}\n  b: {}\n");
    expect(await runTasks(["context", "use", "b"], { env })).toEqual({
      code: 0,
      stdout: "Switched to context 'b'.\n",
      stderr: "",
    });
    expect(await readFile(env.TASKS_CONFIG, "utf8")).toMatch(/^# mine\ncurrent: b\n/);
    expect((await runTasks(["context", "list"], { env })).stdout).toBe("name current\na    false  \nb    true   \n");
  });

  test("a file with a token that others can read is refused; its token is never shown", async () => {
    const text = `current: a\ncontexts:\n  a: {token: ${TOKEN}, port: ${node.port}}\n`;
    const env = await contexts("d.yaml", text, 0o644);
    const refused = await runTasks(["modules"], { env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("chmod 600");
    await chmod(env.TASKS_CONFIG, 0o600);
    expect(await runTasks(["modules"], { env })).toMatchObject({ code: 0 });
    for (const args of [["show"], ["show", "--effective"]]) {
      const shown = await runTasks(["context", ...args], { env });
      expect(shown.stdout).toContain("********");
      expect(shown.stdout).not.toContain(TOKEN);
    }
  });

  test.each([
    ["current: [", "line 1"],
    ["contexts: 5", "contexts"],
    ["current: x", "there is no context 'x'"],
    ["current: a\ncontexts: {a: {colour: red}}", "a context cannot have an option 'colour'"],
    ["current: a\ncontexts: {a: {port: many}}", "port: 'many' is invalid. It takes a whole number"],
    ["current: a\ncontexts: {a: {insecure: maybe}}", "insecure takes true or false"],
  ])("%j is a usage error that names the place", async (text, phrase) => {
    const env = await contexts(`${phrase.replace(/\W/g, "")}.yaml`, text);
    const run = await runTasks(["modules"], { env });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(env.TASKS_CONFIG);
    expect(run.stderr).toContain(phrase);
  });
});

describe.concurrent("doctor", () => {
  test("finds nothing wrong with the mock, and names its nodes", async () => {
    const run = await runTasks(["--mock", "--nodes", "2", "--generation", "current", "doctor", "--json"]);
    expect(run.code).toBe(0);
    const findings: { check: string; result: string }[] = JSON.parse(run.stdout);
    const checks = [...new Set(findings.map(({ check }) => check))];
    expect(checks).toEqual(["tasks", "port", "api", "release", "ttl", "user-ttl", "node"]);
    expect(findings.filter(({ check }) => check === "node")).toHaveLength(2);
    expect(findings.every(({ result }) => result !== "wrong")).toBe(true);
  });

  test.each([
    [["-h", "no-such-host.invalid"], "wrong name"],
    [["-h", "127.0.0.1", "-p", "1"], "wrong port"],
  ])("%j: %s, exit 1", async (args, line) => {
    const run = await runTasks(["doctor", ...args]);
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(line);
    expect(run.stdout).toContain("-> ");
  });

  test("does not blame a port that is open for what listens there", async () => {
    const run = await runTasks(["doctor", "--url", agent.url.replace("https", "http")]);
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/ok {4}port .*\nwrong api .*\n.*--url https:/);
  });

  test("claims nothing of a port of which it saw nothing", async () => {
    const silent = await runTasks(["doctor", "--proxy-command", "cat >/dev/null", "--node-timeout", "200ms"]);
    expect(silent.stdout).toMatch(/^wrong api .* within 0.2 s/m);
    const failed = await runTasks(["doctor", "--proxy-command", "false"]);
    expect(failed.stdout).toMatch(/^wrong proxy .*exit code 1/m);
  });

  test("checks each of several hosts", async () => {
    const run = await runTasks(["doctor", "-h", "127.0.0.1,127.0.0.2", "-p", String(node.port)]);
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(`wrong node     127.0.0.2:${node.port}: cannot reach`);
  });

  test("says that a token is not accepted", async () => {
    const run = await runTasks(["doctor", "--url", agent.url, "--ca", tlsFile("ca.pem")], {
      env: { TASKS_TOKEN: "x" },
    });
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/ok {4}tls .*\nwrong token .*401/);
  });
});
