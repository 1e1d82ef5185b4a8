import { closeSync, existsSync, openSync } from "node:fs";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, test } from "vitest";
import { connectedBy } from "../fixtures/mcp-client.js";
import { PROGRAM, started } from "../fixtures/run-tasks.js";

test("an assistant that starts the program can list the tasks of its node", async () => {
  const [command, ...before] = PROGRAM;
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const args = [...before, "--mock", "--scenario", "idle", "mcp"];
  const { client, call } = await connectedBy(new StdioClientTransport({ command, args, env, stderr: "inherit" }));
  expect((await call("modules")).answer.data).toContain("compaction");
  expect((await call("list", { module: "compaction" })).answer).toMatchObject({ exit_code: 0, data: [] });
  await client.close();
});

test.skipIf(!existsSync("/dev/full"))("it ends where stdout is full, though the assistant goes on", async () => {
  const full = openSync("/dev/full", "w");
  const run = started(["--mock", "--scenario", "idle", "mcp"], { stdin: "pipe", stdout: full });
  run.child.stdin?.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  expect(await run.end).toEqual({ code: 2, signal: null });
  closeSync(full);
  expect(run.written.stderr).toBe("error: ENOSPC: no space left on device, write\n");
});
