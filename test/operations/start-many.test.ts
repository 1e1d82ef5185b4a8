import { expect, test } from "vitest";
import { runInProcess } from "../fixtures/run-in-process.js";
import { type Answer, jsonAnswer, scriptedServer, textAnswer } from "../fixtures/scripted-server.js";

/** Starts a compaction on all nodes of a cluster that a server tells of. */
async function startOnAll(nodes: { live: string[]; down: string[] }, start: Answer, ...more: string[]) {
  const server = await scriptedServer((request, response) => {
    const path = request.url ?? "";
    if (path.startsWith("/gossiper/endpoint/live")) jsonAnswer(nodes.live)(request, response);
    else if (path.startsWith("/gossiper/endpoint/down")) jsonAnswer(nodes.down)(request, response);
    else if (path.startsWith("/tasks/")) start(request, response);
    else jsonAnswer([])(request, response);
  });
  const map = ["--node-map", `127.0.0.1=${server.url}`];
  try {
    return await runInProcess(["start", "compaction", "shop", "-a", "--url", server.url, ...map, ...more]);
  } finally {
    await server.stop();
  }
}

test("a start that failed has no id, so stderr reports it", async () => {
  const nodes = { live: ["127.0.0.1"], down: [] };
  const run = await startOnAll(nodes, textAnswer("no such page", 404), "-o", "name");
  expect(run).toMatchObject({ code: 4, stdout: "" });
  expect(run.stderr).toMatch(/^error: 127\.0\.0\.1: POST .* answered 404 Not Found: no such page\n$/);
});

test("a start on all nodes fails if none is alive", async () => {
  const nodes = { live: ["127.0.0.1"], down: ["127.0.0.1"] };
  const run = await startOnAll(nodes, jsonAnswer("00000000-0000-4000-8000-000000000001"));
  expect(run.code).toBe(3);
  expect(run.stderr).toContain("no answer from node 127.0.0.1: the cluster reports it as down");
});
