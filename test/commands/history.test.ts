import { describe, expect, it } from "vitest";
import { ended, journalOf, NODE, run, seen, started, status, taskId, wireTime } from "../fixtures/journals.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { expectValid } from "../fixtures/schemas.js";

const EPOCH = "1970-01-01T00:00:00Z";
const UNTIMED = status(4, { type: "migration", kind: "cluster", start_time: EPOCH, progress_total: 0 });

const PAST = journalLines();
function journalLines() {
  return [
    started(0),
    ...run(1, 0, 60),
    ...run(2, 100, 220, { table: "items", progress_units: "bytes", progress_total: 120 * 1024 ** 2 }),
    ...run(3, 300, 310, { type: "cleanup compaction", state: "failed", error: "disk full", progress_completed: 5 }),
    seen(400, UNTIMED, { node: null, module: "tablets" }),
    ended(460, { ...UNTIMED, state: "done" }, { node: null, within_ms: 10_000 }),
    ...run(5, 500, 510, { parent_id: taskId(1) }),
    ...run(6, 600, 700),
  ];
}

const ask = (...args: string[]) => runInProcess(["--from", journalOf(PAST), "history", ...args]);

async function json(...args: string[]) {
  const { code, stdout, stderr } = await ask(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

describe("tasks history", () => {
  it("says on a terminal that there is nothing to show", async () => {
    const stdout = async (...args: string[]) =>
      (
        await runInProcess(
          ["--from", journalOf(PAST), "--color", "never", "history", ...args],
          {},
          { isTerminal: true },
        )
      ).stdout;
    expect(await stdout("--type", "repai")).toBe("no finished operations\n");
    expect(await stdout("--type", "repai", "--by", "table")).toBe("no finished operations\n");
    expect(await stdout("--last", "repair", "--keyspace", "nope")).toBe("no tables\n");
    expect((await ask("--type", "repai")).stdout).not.toContain("no finished");
  });

  it("shows finished operations, the latest first, with what they did and how fast", async () => {
    expect((await ask()).stdout.split("\n").map((line) => line.trimEnd())).toEqual(
      [
        "start_time           duration    state  node     keyspace table  type               amount    rate         task_id",
        `${wireTime(600)} 1m40s       done   10.0.0.1 shop     orders repair             100 ranges 1 ranges/s   ${taskId(6)}`,
        `${wireTime(400)} 1m00s ±20s done            shop     orders migration                                 ${taskId(4)}`,
        `${wireTime(300)} 10s         failed 10.0.0.1 shop     orders cleanup compaction 5 ranges   0.5 ranges/s ${taskId(3)}`,
        `${wireTime(100)} 2m00s       done   10.0.0.1 shop     items  repair             120.0 MiB 1.0 MiB/s    ${taskId(2)}`,
        `${wireTime(0)} 1m00s       done   10.0.0.1 shop     orders repair             100 ranges 1.67 ranges/s ${taskId(1)}`,
        "",
      ].map((line) =>
        expect.stringMatching(new RegExp(`^${line.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ +/g, " +")}$`)),
      ),
    );
  });

  it("says in documents within what span a time is known", async () => {
    expect(await json("--type", "migration")).toEqual([
      {
        task_id: taskId(4),
        node: null,
        module: "tablets",
        type: "migration",
        kind: "cluster",
        scope: "keyspace",
        state: "done",
        keyspace: "shop",
        table: "orders",
        entity: "",
        shard: 0,
        parent_id: null,
        start_time: wireTime(400),
        end_time: wireTime(460),
        end_within_ms: 10_000,
        duration_seconds: 60,
        within_ms: 20_000,
        amount: null,
        units: "ranges",
        rate_per_second: null,
        error: "",
      },
    ]);
  });

  it("takes the filters, fields and orders of lists", async () => {
    const ids = async (...args: string[]) =>
      (await json(...args, "--fields", "task_id")).map(({ task_id }: { task_id: string }) => task_id);
    const of = (...numbers: number[]) => numbers.map(taskId);
    expect(await ids("--state", "failed")).toEqual(of(3));
    expect(await ids("--keyspace", "shop", "-t", "items")).toEqual(of(2));
    expect(await ids("--module", "tablets")).toEqual(of(4));
    expect(await ids("--node", NODE, "--sort", "-duration_seconds", "--limit", "1")).toEqual(of(2));
    expect(await ids("--internal", "--since", wireTime(505), "--until", wireTime(699))).toEqual(of(5));
    expect((await ask("--count", "--no-header")).stdout).toBe("5\n");
  });

  it("puts them together", async () => {
    expect(await json("--by", "type")).toEqual([
      expect.objectContaining({
        type: "cleanup compaction",
        count: 1,
        failed: 1,
        last_success: null,
        median_seconds: null,
      }),
      expect.objectContaining({ type: "migration", count: 1, median_seconds: 60, within_ms: 20_000 }),
      {
        type: "repair",
        count: 3,
        failed: 0,
        gone: 0,
        last_success: wireTime(700),
        last_success_within_ms: 0,
        median_seconds: 100,
        p95_seconds: 120,
        slowest_seconds: 120,
        slowest_task_id: taskId(2),
        within_ms: 0,
      },
    ]);
    expect(await json("--by", "table,node", "--fields", "keyspace,table,node,count")).toEqual([
      { keyspace: "shop", table: "items", node: NODE, count: 1 },
      { keyspace: "shop", table: "orders", node: NODE, count: 3 },
      { keyspace: "shop", table: "orders", node: null, count: 1 },
    ]);
  });

  it("tells which tables something did not succeed on for a while, and which it never did", async () => {
    const lines = [...PAST, ...run(7, 0, 5, { type: "major compaction", table: "carts" })];
    const journal = journalOf(lines);
    const last = (...args: string[]) => runInProcess(["--from", journal, "history", "--last", "repair", ...args]);
    const note = `the journal starts at ${wireTime(0)}: earlier successes are unknown\n`;
    const rows = await last("--until", wireTime(1000), "--json");
    expect(rows).toMatchObject({ code: 0, stderr: note });
    expect(JSON.parse(rows.stdout)).toEqual([
      expect.objectContaining({ table: "carts", last_success: null, since_seconds: null, task_id: null }),
      expect.objectContaining({ table: "items", last_success: wireTime(220), since_seconds: 780, names_table: true }),
      expect.objectContaining({ table: "orders", last_success: wireTime(700), since_seconds: 300, task_id: taskId(6) }),
    ]);
    const old = ["--until", wireTime(1000), "--older-than", "10m", "--fields", "table", "-o", "csv", "--no-header"];
    expect(await last(...old, "--exit-code")).toEqual({ code: 1, stdout: "carts\r\nitems\r\n", stderr: note });
    expect(await last(...old, "-t", "orders", "--exit-code")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("keeps to the schemas", async () => {
    expectValid("history", await json("--internal"));
    expectValid("history-by", await json("--by", "table,node,type,module"));
    expectValid("history-last", await json("--last", "repair"));
  });

  it("reads the default journal, and says where there is none", async () => {
    const { code, stderr } = await runInProcess(["history"], { XDG_STATE_HOME: "/nonexistent" });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "error: no journal '/nonexistent/scylla-tasks/journal': create one with `tasks record`\n",
    });
  });

  it("says what is damaged, exit 3", async () => {
    const broken = ["--from", "-", "history", "--count", "--no-header"];
    const input = `${JSON.stringify(started(0))}\n${run(1, 0, 1)
      .map((line) => JSON.stringify(line))
      .join("\n")}\n{"at`;
    expect(await runInProcess(broken, {}, { input })).toEqual({
      code: 3,
      stdout: "1\n",
      stderr: "warning: cannot read a line of the journal: stdin, line 4: it is cut off\n",
    });
  });

  it.each([
    [["--last", "repair", "--type", "x"], "give either --last or --type, not both"],
    [["--last", "repair", "--by", "node"], "option '--last <operation>' groups by table only"],
    [["--older-than", "1d"], "option '--older-than <duration>' needs --last"],
    [["--by", "shard"], "It takes one of table, keyspace, node, type, module"],
    [["--by", "node,node"], "It takes each word once"],
    [["--since", "yesterday"], "It takes a time such as"],
    [["--fields", "nothing"], "Unknown field name"],
    [["-h", "10.0.0.1"], "cannot be used together with --host"],
    [["--at", "2h"], "option '--at <time>' is not supported by this command"],
  ])("refuses %j", async (args, message) => {
    expect(await ask(...args)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(message) });
  });

  it("shows hostile names as text", async () => {
    const journal = journalOf([started(0), ...run(1, 0, 1, { type: "\u001b[31mred\n", keyspace: "__proto__" })]);
    const { stdout } = await runInProcess(["--from", journal, "history", "--by", "keyspace,type"]);
    expect(stdout).toContain("__proto__");
    expect(stdout).toContain("\\x1b[31mred\\x0a");
  });

  it.each([
    ["", 2, "error: the journal on stdin is empty\n"],
    [PAST, 1, "error: option '--until <time>': the journal '-' starts later, or is empty\n"],
  ])("is no success where there is no journal yet: %#", async (input, code, stderr) => {
    const until = input === "" ? [] : ["--until", "2001-01-01"];
    for (const more of [[], ["--exit-code"], ["--last", "repair"], ["--by", "table"]]) {
      const lines = input === "" ? "" : PAST.map((line) => `${JSON.stringify(line)}\n`).join("");
      const run = await runInProcess(["--from", "-", "history", ...more, ...until], {}, { input: lines });
      expect(run).toEqual({ code, stdout: "", stderr });
    }
  });
});
