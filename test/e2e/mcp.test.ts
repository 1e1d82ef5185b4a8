import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, test } from "vitest";
import { connectedBy } from "../fixtures/mcp-client.js";
import { PROGRAM } from "../fixtures/run-tasks.js";

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
