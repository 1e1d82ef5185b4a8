import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runInProcess, startedInProcess } from "../fixtures/run-in-process.js";
import { COMPACTION, until, withMock } from "../fixtures/wait-servers.js";

const newDirectory = () => {
  const directory = mkdtempSync(join(tmpdir(), "record-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "journal");
};

test("what is recorded until the interrupt can be asked of the journal, and the end of a recorder is no failure", async () => {
  await withMock(async (mock, node) => {
    const task = mock.create({ ...COMPACTION, isUserTask: true });
    const directory = newDirectory();
    const recorder = startedInProcess([...node, "record", directory, "--quiet"]);
    await until(() => mock.requests.some(({ url }) => url.includes(task.id)));
    task.fail("disk full");
    await until(() => mock.requests.filter(({ url }) => url.includes("list_module_tasks")).length > 50);
    recorder.interrupt();
    expect(await recorder.end).toBe(0);
    expect(recorder.written).toEqual({ stdout: "", stderr: expect.stringMatching(/^warning: the ttl of [^\n]*\n$/) });
    const explained = await runInProcess(["--from", directory, "explain", task.id]);
    expect(explained.stdout).toContain("disk full");
  });
});

test("--stdout writes the lines themselves", async () => {
  await withMock(async (mock, node) => {
    const task = mock.create({ ...COMPACTION, isUserTask: true });
    const recorder = startedInProcess([...node, "record", "--stdout", "--max-waits", "0"]);
    await until(() => recorder.written.stdout.includes(task.id));
    recorder.interrupt();
    expect(await recorder.end).toBe(0);
    const lines = recorder.written.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ event: "segment_started" });
    expect(lines).toContainEqual(expect.objectContaining({ event: "task_seen", id: task.id }));
  });
});

test.each([
  [["record", "here", "--stdout"], "give either a directory or --stdout, not both"],
  [["record", "--stdout", "--raise-ttl", "10m"], "option '--raise-ttl' needs a journal"],
  [["record", "--tick", "0s"], "It takes a duration above 0."],
  [["record"], "no default journal: set HOME, or give a directory or --stdout"],
])("%j is refused", async (args, message) => {
  const run = await runInProcess(args);
  expect(run).toMatchObject({ code: 1, stdout: "" });
  expect(run.stderr).toContain(message);
});
