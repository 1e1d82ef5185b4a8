import { closeSync, openSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { started } from "../fixtures/run-tasks.js";
import { type Answer, jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";
import { broken, ended, ID, inTurn, silent, until } from "../fixtures/wait-servers.js";

describe.concurrent("start", () => {
  test("says that it may have started to whoever interrupts it", async () => {
    const server = await scriptedServer(silent);
    const run = started(["-h", "127.0.0.1", "-p", String(server.port), "start", "cleanup", "ks"]);
    await until(() => server.requests.length > 0);
    run.child.kill("SIGINT");
    expect(await run.end).toEqual({ code: 130, signal: null });
    expect(run.written.stderr).toContain("the operation may have started");
    await server.stop();
  });

  test("does not lose the id where stdout is full, or where nobody reads it", async () => {
    const server = await scriptedServer(jsonAnswer(ID));
    const node = ["-h", "127.0.0.1", "-p", String(server.port)];
    const full = openSync("/dev/full", "w");
    const run = started([...node, "start", "cleanup", "ks"], { stdout: full });
    expect(await run.end).toEqual({ code: 2, signal: null });
    closeSync(full);
    expect(run.written.stderr).toContain(`started task ${ID}\n`);
    const unread = started([...node, "start", "cleanup", "ks"]);
    unread.child.stdout?.destroy();
    await unread.end;
    expect(unread.written.stderr).toContain(`started task ${ID}\n`);
    await server.stop();
  });
});

describe.concurrent("start --wait", () => {
  const startedThen =
    (answer: Answer): Answer =>
    (request, response) =>
      (request.url?.includes("/tasks/") ? jsonAnswer(ID) : answer)(request, response);

  test("tells how the task ended where nothing can be printed of it", async () => {
    const server = await scriptedServer(startedThen(ended("failed")));
    const full = openSync("/dev/full", "w");
    const run = started(["-h", "127.0.0.1", "-p", String(server.port), "start", "cleanup", "ks", "--wait"], {
      stdout: full,
    });
    expect(await run.end).toEqual({ code: 123, signal: null });
    closeSync(full);
    expect(run.written.stderr).toMatch(/^started task \S+\nerror: [^\n]+\n$/);
    await server.stop();
  });

  test("waits on where stderr is full", async () => {
    const server = await scriptedServer(startedThen(inTurn(broken, ended("failed"))));
    const full = openSync("/dev/full", "w");
    const run = started(["-h", "127.0.0.1", "-p", String(server.port), "start", "cleanup", "ks", "--wait", "-q"], {
      stderr: full,
    });
    expect(await run.end).toEqual({ code: 123, signal: null });
    closeSync(full);
    await server.stop();
  });
});
