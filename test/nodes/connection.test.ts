import { chmod } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentProxy, RELAY, tlsFile } from "../fixtures/agent-proxy.js";
import { type GuardedNode, guardedNode, TOKEN } from "../fixtures/guarded-node.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";

let guarded: GuardedNode;
beforeAll(async () => {
  guarded = await guardedNode();
});
afterAll(() => guarded.stop());

describe.concurrent("TLS and a token", () => {
  test("reach a node behind an agent", async () => {
    const run = await runInProcess([
      "modules",
      "--url",
      guarded.agent.url,
      "--ca",
      tlsFile("ca.pem"),
      "--token-file",
      guarded.tokenFile,
    ]);
    expect(run).toEqual({ code: 0, stdout: "compaction\n", stderr: "" });
  });

  test("a wrong token is the server's 401, and is not repeated", async () => {
    const env = { TASKS_TOKEN: "wr0ng" };
    const run = await runInProcess(["modules", "--url", guarded.agent.url, "--ca", tlsFile("ca.pem")], env);
    expect(run.code).toBe(4);
    expect(run.stderr).toContain("401 Unauthorized: unauthorized");
    expect(run.stderr).not.toContain("wr0ng");
  });

  test("a server that repeats a token does not make the message show it", async () => {
    const echo = await scriptedServer((request, response) =>
      jsonAnswer({ message: `bad: ${request.headers.authorization}`, code: 401 }, 401)(request, response),
    );
    const run = await runInProcess(["modules", "--url", echo.url], { TASKS_TOKEN: TOKEN });
    await echo.stop();
    expect(run.code).toBe(4);
    expect(run.stderr).toContain("bad: Bearer ********");
  });

  test("an unknown authority is refused; --insecure accepts it and says so", async () => {
    const env = { TASKS_TOKEN: TOKEN };
    const refused = await runInProcess(["modules", "--url", guarded.agent.url], env);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("certificate");
    const accepted = await runInProcess(["modules", "--url", guarded.agent.url, "--insecure"], env);
    expect(accepted).toMatchObject({ code: 0, stdout: "compaction\n" });
    expect(accepted.stderr).toBe("warning: --insecure: the certificate of the node is not verified\n");
  });

  test("an expired certificate is refused, and doctor says what to do", async () => {
    const expired = await agentProxy({ target: guarded.node.url, token: TOKEN, certificate: "expired" });
    try {
      const args = ["--url", expired.url, "--ca", tlsFile("ca.pem"), "--token-file", guarded.tokenFile];
      const run = await runInProcess(["modules", ...args]);
      expect(run.code).toBe(2);
      expect(run.stderr).toContain("certificate has expired");
      const doctor = await runInProcess(["doctor", ...args, "--json"]);
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
    const strict = await agentProxy({ target: guarded.node.url, token: TOKEN, wantsClientCertificate: true });
    try {
      const args = ["modules", "--url", strict.url, "--ca", tlsFile("ca.pem"), "--token-file", guarded.tokenFile];
      const refused = await runInProcess(args);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(/^error: [^\n]*TLS: [^\n]*certificate required[^\n]*\n$/);
      const doctor = await runInProcess(["doctor", ...args.slice(1)]);
      expect(doctor.stdout).toMatch(/ok {4}port .*\nwrong tls .*\n.*--cert and --key/);
      const run = await runInProcess([...args, "--cert", tlsFile("client.pem"), "--key", tlsFile("client-key.pem")]);
      expect(run).toMatchObject({ code: 0, stdout: "compaction\n" });
    } finally {
      await strict.stop();
    }
  });

  test.each([
    [["--ca", RELAY], "has no certificate"],
    [["--cert", tlsFile("client.pem")], "must be used together"],
    [["--cert", tlsFile("client.pem"), "--key", tlsFile("server-key.pem")], "key values mismatch"],
    [["--cert", RELAY, "--key", RELAY], "no start line"],
  ])("%j is a usage error", async (args, phrase) => {
    const run = await runInProcess(["modules", "--url", guarded.agent.url, ...args]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain(phrase);
  });

  test("a token never goes over plain HTTP beyond this machine unless told to", async () => {
    const env = { TASKS_TOKEN: TOKEN };
    const run = await runInProcess(["modules", "-h", "192.0.2.1"], env);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("over plain HTTP to http://192.0.2.1:10000");
    expect(run.stderr).not.toContain(TOKEN);
    expect(await runInProcess(["modules", "-h", "127.0.0.1", "-p", String(guarded.node.port)], env)).toMatchObject({
      code: 0,
    });
  });

  test("a user in the URL is refused without repeating him", async () => {
    const run = await runInProcess(["modules", "--url", "https://me:pa55@127.0.0.1/"]);
    expect(run.code).toBe(1);
    expect(run.stderr).not.toContain("pa55");
  });

  test("a user without slashes before him is one too", async () => {
    const run = await runInProcess(["modules", "--url", `https:operator:${TOKEN}@host:1`]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("does not accept a user or password");
    expect(run.stderr).not.toContain(TOKEN);
  });

  test("more headers come from a file, whose errors name the line", async () => {
    const good = await guarded.fileOf("headers", `# for the agent\nAuthorization: Bearer ${TOKEN}\n`);
    const args = ["modules", "--url", guarded.agent.url, "--ca", tlsFile("ca.pem"), "--header-file"];
    expect(await runInProcess([...args, good])).toMatchObject({ code: 0 });
    const bad = await guarded.fileOf("bad-headers", "X-One: 1\nno header\n");
    const run = await runInProcess([...args, bad]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("line 2");
  });

  test.each(["--token-file", "--header-file"])("%s is refused if others can read the file", async (option) => {
    const file = await guarded.fileOf(`readable${option}`, option === "--token-file" ? TOKEN : `X-Key: ${TOKEN}\n`);
    await chmod(file, 0o640);
    const args = ["modules", "-h", "127.0.0.1", "-p", String(guarded.node.port), option, file];
    const refused = await runInProcess(args);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(
      `option '${option} <file>': '${file}' can be read by other users: run \`chmod 600`,
    );
    await chmod(file, 0o600);
    expect(await runInProcess(args)).toMatchObject({ code: 0 });
  });

  test("a file that is not there is named with its option", async () => {
    const run = await runInProcess(["modules", "--token-file", "/nonexistent/token"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("option '--token-file <file>': cannot read '/nonexistent/token'");
  });

  test("a file without end is not read to its end", async () => {
    const run = await runInProcess(["modules", "--header-file", "/dev/zero"]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("cannot read '/dev/zero': it is larger than 10 MB");
    const scenario = await runInProcess(["--mock", "--scenario", "/dev/zero", "modules"]);
    expect(scenario.stderr).toContain("cannot read scenario /dev/zero: it is larger than 10 MB");
  });
});

describe.concurrent("a proxy command", () => {
  test("is the connection: the node is reached through its stdin and stdout", async () => {
    const command = `'${process.execPath}' '${RELAY}' 127.0.0.1 ${guarded.node.port} %h %p %n`;
    const run = await runInProcess(["modules", "-h", "10.1.2.3", "-p", "4711", "--proxy-command", command]);
    expect(run).toEqual({ code: 0, stdout: "compaction\n", stderr: "" });
  });

  test("carries TLS too, checked against the name in the URL", async () => {
    const command = `'${process.execPath}' '${RELAY}' 127.0.0.1 ${guarded.agent.port}`;
    const run = await runInProcess([
      "modules",
      ...["--url", "https://localhost:10001", "--proxy-command", command],
      ...["--ca", tlsFile("ca.pem"), "--token-file", guarded.tokenFile],
    ]);
    expect(run).toEqual({ code: 0, stdout: "compaction\n", stderr: "" });
  });

  test("that fails is reported with its own words", async () => {
    const run = await runInProcess(["modules", "--proxy-command", "sh -c 'echo no route to %h >&2; exit 7'"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("the proxy command failed: it ended with exit code 7: no route to localhost\n");
  });

  test("is never given a name that a shell would act on", async () => {
    const run = await runInProcess(["modules", "-h", "a$(touch)b", "--proxy-command", "cat %h"]);
    expect(run.code).not.toBe(0);
    expect(run.stderr).toMatch(/cannot be used in a proxy command|is invalid/);
  });
});
