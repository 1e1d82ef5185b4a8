import { expect, test } from "vitest";
import { journalOf, run, started } from "../fixtures/journals.js";
import { runInProcess, startedInProcess } from "../fixtures/run-in-process.js";
import { until } from "../fixtures/wait-servers.js";

test("a mock tells the URL of each of its nodes, and serves until it is interrupted", async () => {
  const mock = startedInProcess(["mock", "--port", "0", "--scenario", "idle", "--nodes", "2"]);
  await until(() => mock.written.stdout.split("\n").length === 3);
  const urls = mock.written.stdout.match(/http:\S+/g) ?? [];
  expect(mock.written.stdout).toBe(urls.map((url) => `listening on ${url}\n`).join(""));
  expect(urls).toHaveLength(2);
  for (const url of urls) expect(await runInProcess(["--url", url, "modules"])).toMatchObject({ code: 0 });
  mock.interrupt();
  expect(await mock.end).toBe(130);
  expect(await runInProcess(["--url", urls[0] as string, "modules"])).toMatchObject({ code: 2 });
});

test("a mock that is interrupted before it serves ends too", async () => {
  const mock = startedInProcess(["mock", "--port", "0", "--scenario", "idle"]);
  mock.interrupt();
  expect(await mock.end).toBe(130);
  expect(mock.written.stderr).toBe("");
});

test("a mock replays a journal, and says what it leaves out", async () => {
  const journal = journalOf([started(0), ...run(1, 10, 20), { event: "nonsense" } as never]);
  const list = await runInProcess(["--mock", "--replay", journal, "list", "--all", "--internal"]);
  expect(list.code).toBe(3);
  expect(list.stderr).toMatch(/^warning: /);
});

test("its help has the options of every mock", async () => {
  const { code, stdout } = await runInProcess(["mock", "--help"]);
  expect(code).toBe(0);
  for (const option of ["--scenario <name>", "--release <name>", "--speed <factor>"]) expect(stdout).toContain(option);
});
