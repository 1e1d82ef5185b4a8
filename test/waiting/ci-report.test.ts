import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SaxesParser } from "saxes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { systemClock } from "../../src/runtime/clock.js";
import { resultsOf } from "../../src/waiting/ci-report.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { StandingClock } from "../fixtures/standing-clock.js";
import { until } from "../fixtures/wait-servers.js";

const COMPACTION = { module: "compaction", type: "major compaction", scope: "keyspace", keyspace: "shop" } as const;

let mock: MockCluster;
let folder: string;
let node: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ci-"));
  mock = await startMockCluster({ scenario: "idle", nodes: 2, speed: 1000 });
  node = ["--url", mock.urls[0] as string];
  await runInProcess([...node, "-a", "ttl", "--set", "3600000"]);
});
afterAll(async () => {
  await mock.stop();
  await rm(folder, { recursive: true });
});

function failedTask(error = "disk full"): string {
  const root = mock.create(COMPACTION);
  const child = mock.create({ ...COMPACTION, scope: "table", table: "orders", parent: root });
  child.fail(error);
  root.fail("a part failed");
  return root.id;
}

/** The lines that GitHub takes for commands. */
const commandsIn = (text: string) => text.split("\n").filter((line) => /^\s*::|##\[/.test(line));

describe("a step of GitHub Actions", () => {
  test("gets an error with what explain says, a group, and a summary; stdout stays one document", async () => {
    const summary = join(folder, "summary.md");
    await writeFile(summary, "before\n");
    const id = failedTask();
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
    const run = await runInProcess([...node, "wait", id, "--json"], env, { clock: systemClock });
    expect(run.code).toBe(123);
    expect(JSON.parse(run.stdout)).toMatchObject({ id, outcome: "failed" });
    const explained = await runInProcess([...node, "explain", id]);
    expect(commandsIn(run.stderr)).toEqual([
      "::group::waiting for a task",
      "::endgroup::",
      `::error title=major compaction shop%3A failed::${explained.stdout.trimEnd().replaceAll("%", "%25").replaceAll("\n", "%0A")}`,
    ]);
    expect(explained.stdout).toContain("disk full");
    const text = await readFile(summary, "utf8");
    expect(text).toMatch(/^before\n### ❌ tasks: 1 task, 1 did not succeed\n/);
    expect(text).toContain(`| ${id} | `);
  });

  test("hears of a task that did not end in time, and of one that is done says nothing", async () => {
    const running = mock.create(COMPACTION);
    const env = { GITHUB_ACTIONS: "true" };
    const run = await runInProcess([...node, "wait", running.id, "-q", "--timeout", "1s"], env);
    expect(run.code).toBe(124);
    expect(commandsIn(run.stderr)).toContain(
      "::error title=major compaction shop%3A timed out::it did not end in time",
    );
    running.finish();
    const well = await runInProcess([...node, "wait", running.id, "-q"], env);
    expect(well).toEqual({ code: 0, stdout: "", stderr: "::group::waiting for a task\n::endgroup::\n" });
  });

  test("a server's text is no command", async () => {
    const id = failedTask("x\n::set-env name=PATH::/tmp\r\n##[add-mask]y");
    const run = await runInProcess([...node, "wait", id], { GITHUB_ACTIONS: "true" });
    expect(commandsIn(run.stderr).map((line) => line.slice(0, 8))).toEqual(["::group:", "::endgro", "::error "]);
  });

  test("nor is a server's text that any command says on stderr", async () => {
    const says = JSON.stringify({ message: "##[add-mask]y\n::error::z", code: 500 });
    const over = mock.addFault({ path: "/task_manager/**", status: 500, body: says });
    const run = await runInProcess([...node, "list", "repair"], { GITHUB_ACTIONS: "true" });
    over();
    expect(run.stderr).toContain("# #[add-mask]y");
    expect(commandsIn(run.stderr)).toEqual([]);
  });

  test("a summary that cannot be written is a warning", async () => {
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: "/nonexistent/summary.md" };
    const task = mock.create(COMPACTION);
    task.finish();
    const run = await runInProcess([...node, "wait", task.id, "-q"], env);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("warning: cannot write the summary to $GITHUB_STEP_SUMMARY: ENOENT");
  });

  test("start --wait says the same, of one node and of all", async () => {
    const env = { GITHUB_ACTIONS: "true" };
    const one = await runInProcess([...node, "start", "compaction", "shop", "--wait", "-q"], env);
    expect(one.code).toBe(0);
    expect(commandsIn(one.stderr)).toEqual(["::group::waiting for a task", "::endgroup::"]);
    const over = mock.addFault({ node: 1, path: "/tasks/**", status: 500, body: '{"message": "boom", "code": 500}' });
    const all = await runInProcess([...node, "-a", "start", "compaction", "shop", "--wait", "-q"], env);
    over();
    expect(all.code).toBe(4);
    expect(commandsIn(all.stderr)).toEqual([
      "::group::waiting for 2 nodes",
      "::endgroup::",
      expect.stringMatching(/^::error title=127\.0\.0\.2%3A failed::.*boom/),
    ]);
  });

  test.each([
    ["a refusal", { status: 500, body: '{"message": "boom", "code": 500}' }, 4, "failed", "boom"],
    ["a broken connection", { isReset: true }, 2, "outcome unknown", "the connection broke"],
  ])("start --wait on one node says %s, before there is a task", async (_what, fault, code, outcome, message) => {
    const over = mock.addFault({ path: "/tasks/**", ...fault });
    const junit = join(folder, `${code}.xml`);
    const args = [...node, "start", "compaction", "shop", "--wait", "-q", "--junit", junit];
    const run = await runInProcess(args, { GITHUB_ACTIONS: "true" });
    over();
    expect(run.code).toBe(code);
    expect(commandsIn(run.stderr)).toEqual([
      expect.stringMatching(new RegExp(`^::error title=compaction shop%3A ${outcome}::.*${message}`)),
    ]);
    expect(run.stderr).toMatch(new RegExp(`^error: .*${message}`, "m"));
    expect(await readFile(junit, "utf8")).toContain('name="compaction shop"');
  });
});

test.each([
  [["compaction", "shop"], "compaction shop"],
  [["repair", "--all-keyspaces"], "[^:]+"],
])("start %j without --wait that is refused is an annotation too", async (what, name) => {
  const refused = { method: "POST", path: "/**", status: 500, body: '{"message": "boom", "code": 500}' };
  const over = mock.addFault(refused);
  const run = await runInProcess([...node, "start", ...what], { GITHUB_ACTIONS: "true" });
  over();
  expect(run).toMatchObject({ code: 4, stdout: "" });
  const [first, ...more] = commandsIn(run.stderr);
  expect(first).toMatch(new RegExp(`^::error title=${name}%3A failed::.*boom`));
  expect(more.every((line) => line.startsWith("::error title="))).toBe(true);
  const started = await runInProcess([...node, "start", ...what], { GITHUB_ACTIONS: "true" });
  expect(started.code).toBe(0);
  expect(commandsIn(started.stderr)).toEqual([]);
});

describe("--junit", () => {
  test("writes how each ended, well-formed, and changes nothing else", async () => {
    const file = join(folder, "junit.xml");
    const done = mock.create(COMPACTION);
    done.finish();
    const failed = failedTask("\u001b[31mred\u0000 & <b>");
    const wait = (...more: string[]) =>
      runInProcess([...node, "wait", done.id, failed, ...more], {}, { clock: systemClock });
    expect(await wait("--junit", file)).toEqual(await wait());
    const xml = await readFile(file, "utf8");
    const names: string[] = [];
    const parser = new SaxesParser();
    parser.on("error", (error) => {
      throw error;
    });
    parser.on("opentag", ({ name }) => void names.push(name));
    parser.write(xml).close();
    expect(names).toEqual(["testsuites", "testsuite", "testcase", "testcase", "failure"]);
    expect(xml).toContain("\\x1b[31mred\\x00 &amp; &lt;b&gt;");
  });

  test.each([[["wait", "00000000-0000-1000-8000-000000000000"]], [["start", "compaction", "shop", "--wait"]]])(
    "%j: a file that cannot be written is known before anything is asked or started",
    async (args) => {
      mock.clearRequests();
      const run = await runInProcess([...node, ...args, "--junit", "/nonexistent/junit.xml"]);
      expect(run).toEqual({ code: 1, stdout: "", stderr: expect.stringContaining("--junit <file>") });
      expect(mock.requests.filter(({ method, url }) => method !== "GET" || url.includes("wait_task"))).toEqual([]);
    },
  );

  test("of start needs --wait", async () => {
    const run = await runInProcess([...node, "start", "compaction", "shop", "--junit", "a.xml"]);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("option '--junit' needs --wait") });
  });
});

test("in CI, progress is lines without being asked for; CI=false is none", async () => {
  for (const [CI, isThere] of [
    ["true", true],
    ["false", false],
  ] as const) {
    const task = mock.create(COMPACTION);
    task.reportProgress(1, 4);
    mock.clearRequests();
    const waiting = runInProcess([...node, "wait", task.id, "-q"], { CI });
    await until(() => mock.requests.some(({ url }) => url.includes(isThere ? "task_status" : "wait_task")));
    task.finish();
    const { stderr } = await waiting;
    if (!isThere) expect(stderr).toBe("");
    expect(mock.requests.some(({ url }) => url.includes("task_status"))).toBe(isThere);
  }
});

describe("a wait that could not ask how its tasks ended", () => {
  const refuses = (path: string) => mock.addFault({ path, status: 500, body: '{"message": "boom", "code": 500}' });
  const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";

  test.each([
    ["the nodes are not known", "/gossiper/**", ["-a", "wait", ID], ID],
    ["the tasks that match are not known", "/task_manager/list_module_tasks/**", ["wait", "--module", "repair"], ""],
    ["the id's beginning is not known", "/task_manager/list_module_tasks/**", ["wait", "5e1f4b"], "5e1f4b"],
  ])("is 125, says why, and has its result for CI systems: %s", async (what, path, args, id) => {
    const over = refuses(path);
    const junit = join(folder, `${what}.xml`);
    const run = await runInProcess([...node, ...args, "--junit", junit], { GITHUB_ACTIONS: "true" });
    over();
    expect(run).toMatchObject({ code: 125, stdout: "" });
    expect(run.stderr).toMatch(/^error: .*boom/m);
    expect(commandsIn(run.stderr)).toEqual([expect.stringMatching(/^::error title=.* outcome unknown::.*boom/)]);
    const xml = await readFile(junit, "utf8");
    expect(xml).toMatch(/tests="1" failures="0" errors="1"/);
    expect(xml).toContain(id);
  });

  test("is 125 also where the module is not known; a wrong option stays 1", async () => {
    const unknown = await runInProcess([...node, "wait", "--module", "compactions"]);
    expect(unknown).toMatchObject({ code: 125, stdout: "" });
    expect(unknown.stderr).toContain("module compactions not found");
    expect(unknown.stderr).toContain("(Did you mean compaction?)");
    expect(await runInProcess([...node, "wait", "zz"])).toMatchObject({ code: 1, stdout: "" });
  });
});

test("trees of failures that come slowly are not awaited for long: what the wait said is kept", async () => {
  const clock = new StandingClock(0);
  const { signal } = new AbortController();
  const failed = (id: string) =>
    ({ kind: "failed", id, status: { id, state: "failed", error: `${id} broke` } }) as const;
  const looked: string[] = [];
  const results = resultsOf(
    { ...fakeRuntime().runtime, clock, interrupt: signal },
    [failed("a"), failed("b")],
    (id) => {
      looked.push(id);
      return new Promise(() => {});
    },
  );
  await clock.sleeperOf(10_000);
  clock.advance(10_000);
  expect((await results).map(({ id, details }) => [id, details])).toEqual([
    ["a", "a broke"],
    ["b", "b broke"],
  ]);
  expect(looked).toEqual(["a"]);
});
