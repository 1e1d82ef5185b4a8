import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { runInProcess } from "../fixtures/run-in-process.js";
import { runTasks, TASKS } from "../fixtures/run-tasks.js";
import { jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";

test("the help that the build made is that of the program", async () => {
  const made = await runTasks(["--help"]);
  expect(made.stdout).toBe((await runTasks(["--flat", "--help"])).stdout);
  expect(made.stdout).toBe((await runInProcess(["help"])).stdout);
});

test("the form comes from TASKS_OUTPUT, unless an option says otherwise", async () => {
  const tasks = [
    { task_id: "a", state: "done" },
    { task_id: "b", state: "running" },
  ];
  const server = await scriptedServer(jsonAnswer(tasks));
  const list = async (...args: string[]) => {
    const way = ["-h", "127.0.0.1", "-p", String(server.port)];
    return (await runTasks([...way, "list", "compaction", ...args], { env: { TASKS_OUTPUT: "yaml" } })).stdout;
  };
  try {
    expect(parse(await list())).toEqual(tasks);
    expect(await list("--json", "--limit", "0")).toBe("[]\n");
    expect(await list("-o", "name")).toBe("a\nb\n");
  } finally {
    await server.stop();
  }
});

test.each(["ndjson", "csv"])(
  "%s is out before the answer has ended, and a reader that goes away ends it quietly",
  async (format) => {
    let endAnswer = () => {};
    const server = await scriptedServer((_request, response) => {
      response.write(`[{"task_id":"a"},`);
      endAnswer = () => response.end(`{"task_id":"b"}]`);
    });
    try {
      const args = ["-h", "127.0.0.1", "-p", String(server.port), "list", "m", "--fields", "task_id", "-o", format];
      const child = spawn(process.execPath, [TASKS, ...args]);
      let stderr = "";
      child.stderr.on("data", (text) => {
        stderr += text;
      });
      const closed = once(child, "close");
      while (!String((await once(child.stdout, "data"))[0]).includes("a"));
      child.stdout.destroy();
      endAnswer();
      expect([await closed, stderr]).toEqual([[0, null], ""]);
    } finally {
      await server.stop();
    }
  },
);
