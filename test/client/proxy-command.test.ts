import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { PROXY_COMMAND_FAILED } from "../../src/client/errors.js";
import { expandProxyCommand, openProxyCommand } from "../../src/client/proxy-command.js";
import { until } from "../fixtures/wait-servers.js";

const TARGET = { host: "10.0.0.7", port: 10_000, name: "node-7" };

const failureOf = async (command: string): Promise<unknown> =>
  await text(openProxyCommand(command, TARGET)).catch((error: unknown) => error);

describe("the words of a proxy command", () => {
  test.each([
    ["ssh %n -W %h:%p", "ssh node-7 -W 10.0.0.7:10000"],
    ["nc %h %p %h", "nc 10.0.0.7 10000 10.0.0.7"],
    ["printf 100%% %d %%h", "printf 100% %d %h"],
  ])("%j become %j", (command, expanded) => {
    expect(expandProxyCommand(command, TARGET)).toBe(expanded);
  });

  test.each(["", "-oProxyCommand=x", "a b", "$(touch x)", "a;b", "a\nb", "é"])("take no node called %j", (bad) => {
    for (const target of [
      { ...TARGET, host: bad },
      { ...TARGET, name: bad },
    ]) {
      expect(() => expandProxyCommand("nc %h %p", target)).toThrow(
        expect.objectContaining({
          message: `the node name '${bad}' cannot be used in a proxy command`,
          code: PROXY_COMMAND_FAILED,
        }),
      );
    }
  });

  test.each(["fd00::7", "node_7.example.com", ":", "7"])("take a node called %j", (host) => {
    expect(expandProxyCommand("%h", { ...TARGET, host })).toBe(host);
  });
});

describe("the connection of a proxy command", () => {
  test("carries what is written and what comes, however much, and ends with the command", async () => {
    const stream = openProxyCommand("cat", TARGET);
    const sent = "0123456789".repeat(100_000);
    stream.end(sent);
    expect(await text(stream)).toBe(sent);
  });

  test("runs the command in the place of its shell", async () => {
    const stream = openProxyCommand("sh -c 'echo $PPID'", TARGET);
    expect(await text(stream)).toBe(`${process.pid}\n`);
  });

  test.each([
    ["sh -c 'echo no route to %h >&2; exit 7'", "it ended with exit code 7: no route to 10.0.0.7"],
    ["sh -c 'exit 7'", "it ended with exit code 7"],
    ["sh -c 'kill -s KILL $$'", "it was killed by SIGKILL"],
  ])("fails as %j does", async (command, reason) => {
    const error = await failureOf(command);
    expect(error).toMatchObject({ message: `the proxy command failed: ${reason}`, code: PROXY_COMMAND_FAILED });
  });

  test("quotes the last 2000 characters of the command's stderr", async () => {
    const error = (await failureOf("sh -c 'printf \"%%03000d.\" 0 >&2; exit 1'")) as Error;
    expect(error.message).toBe(`the proxy command failed: it ended with exit code 1: ${"0".repeat(1999)}.`);
  });

  test("fails with the command, whatever is written to it", async () => {
    const stream = openProxyCommand("sh -c 'exec <&-; exit 7'", TARGET);
    const failure = text(stream).catch((error: unknown) => error);
    stream.write("x".repeat(1_000_000));
    expect(await failure).toMatchObject({ message: "the proxy command failed: it ended with exit code 7" });
  });

  test("finishes when the command's stdin is closed", async () => {
    const stream = openProxyCommand("cat", TARGET);
    stream.end("x");
    await once(stream, "finish");
    expect(await text(stream)).toBe("x");
  });

  test("ends the processes that the command started, when it is destroyed", async () => {
    // The shell waits for a process that can only be reached through the process group.
    const stream = openProxyCommand("sh -c 'sleep 60 & echo $!; wait'", TARGET);
    const [chunk] = (await once(stream, "data")) as [Buffer];
    stream.destroy();
    await until(() => !isRunning(Number(chunk)));
    expect(stream.destroyed).toBe(true);
  });

  test("can be destroyed after the command has ended", async () => {
    const stream = openProxyCommand("true", TARGET);
    expect(await text(stream)).toBe("");
    expect(() => stream.destroy()).not.toThrow();
  });

  test("has the methods of a socket that HTTP clients call", () => {
    const stream = openProxyCommand("cat", TARGET) as unknown as Record<string, () => unknown>;
    for (const method of ["setKeepAlive", "setNoDelay", "setTimeout", "ref", "unref"])
      expect(stream[method]?.()).toBe(stream);
    expect(stream.connecting).toBe(false);
    stream.destroy?.();
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // A zombie: it has ended, and its new parent has not collected it.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return !existsSync("/proc/self");
  }
}
