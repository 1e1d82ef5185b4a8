import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TaskStatus } from "../../src/client/wire.js";
import { openCiReport, resultsOf } from "../../src/waiting/ci-report.js";
import type { Outcome } from "../../src/waiting/outcome.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import { StandingClock } from "../fixtures/standing-clock.js";
import { status as httpError, stageClock } from "./stage.js";

const REPAIR = {
  type: "repair",
  keyspace: "shop",
  table: "orders",
  start_time: "2026-11-20T10:00:00Z",
  end_time: "2026-11-20T10:01:30Z",
};
const failed = (id: string, status: TaskStatus = {}): Outcome => ({ kind: "failed", id, status: { id, ...status } });

describe("the result of a task for a CI system", () => {
  const resultOf = async (outcome: Outcome) => (await resultsOf(fakeRuntime().runtime, [outcome], undefined))[0];

  test.each<[Outcome, object]>([
    [
      { kind: "done", id: "a", status: REPAIR },
      { name: "repair shop.orders", group: "repair", outcome: "done", seconds: 90, message: "" },
    ],
    [
      { kind: "done", id: "a", status: { ...REPAIR, end_time: REPAIR.start_time }, note: "it may have been aborted" },
      { name: "repair shop.orders", group: "repair", outcome: "done", seconds: 0, message: "it may have been aborted" },
    ],
    [failed("a"), { name: "task a", group: "", outcome: "failed", seconds: undefined, message: "no reason given" }],
    [
      failed("a", { type: "repair", start_time: REPAIR.start_time, error: "disk full" }),
      { name: "repair", group: "repair", outcome: "failed", seconds: undefined, message: "disk full" },
    ],
    [
      failed("a", { end_time: REPAIR.end_time }),
      { name: "task a", group: "", outcome: "failed", seconds: undefined, message: "no reason given" },
    ],
    [
      // A clock that was set back.
      failed("a", { start_time: REPAIR.end_time, end_time: REPAIR.start_time }),
      { name: "task a", group: "", outcome: "failed", seconds: 0, message: "no reason given" },
    ],
    [
      { kind: "timeout", id: "a" },
      { name: "task a", group: "", outcome: "timeout", seconds: undefined, message: "it did not end in time" },
    ],
    [
      { kind: "unknown", id: "", reason: "no answer", isGone: false },
      { id: "", name: "", group: "", outcome: "unknown", seconds: undefined, message: "no answer" },
    ],
  ])("%j", async (outcome, result) => {
    const { message } = result as { message: string };
    expect(await resultOf(outcome)).toEqual({ id: "a", details: message, ...result });
  });
});

describe("the details of a failure", () => {
  const detailsOf = async (outcomes: readonly Outcome[], lookAtTree: (id: string) => Promise<readonly TaskStatus[]>) =>
    (
      await resultsOf(
        fakeRuntime({ clock: new StandingClock(0) }).runtime,
        outcomes,
        lookAtTree as Parameters<typeof resultsOf>[2],
      )
    ).map(({ details }) => details);
  const tree = async (id: string): Promise<readonly TaskStatus[]> => [
    { id, type: "repair", state: "failed", error: `the root of ${id}`, children_ids: [{ task_id: "c", node: "" }] },
    { id: "c", parent_id: id, type: "repair", state: "failed", error: `the part of ${id}` },
  ];

  test("are where it began", async () => {
    const [details] = await detailsOf([failed("a", { error: "a part failed" })], tree);
    expect(details).toContain("the part of a");
    expect(details).not.toMatch(/^\s|\s$/);
  });

  test("are its error where nothing below it failed, and where its tree is gone", async () => {
    const outcomes = [failed("a", { error: "disk full" })];
    expect(await detailsOf(outcomes, async () => [])).toEqual(["disk full"]);
    expect(
      await detailsOf(outcomes, async () => {
        throw httpError(400, "task with id a not found");
      }),
    ).toEqual(["disk full"]);
  });

  test("are no place for faults of this program", async () => {
    const broken = detailsOf([failed("a")], async () => {
      throw new TypeError("a fault");
    });
    await expect(broken).rejects.toThrow("a fault");
  });

  test("are looked for of ten failures, and of nothing else", async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `f${index}`);
    const looked: string[] = [];
    const others: Outcome[] = [
      { kind: "done", id: "d", status: {} },
      { kind: "timeout", id: "t" },
      { kind: "failed", id: "", status: {} },
    ];
    await detailsOf([...others, ...ids.map((id) => failed(id))], async (id) => {
      looked.push(id);
      return [];
    });
    expect(looked).toEqual(ids.slice(0, 10));
  });
});

describe("a report for a CI system", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ci-results-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("of starts has one test each, by what came of it", async () => {
    const junit = join(folder, "starts.xml");
    const clock = stageClock(1_000_000);
    const report = await openCiReport(fakeRuntime({ clock }).runtime, junit, "waiting");
    clock.elapsedMs += 2500;
    await report.reportStarts(
      [
        { name: "a", task_id: "1", state: "done", duration_seconds: 1.5, error: "" },
        { name: "b", task_id: null, state: "nothing to do", duration_seconds: null, error: "" },
        { name: "c", state: "failed", error: "disk full" },
        { name: "d", state: "timeout", error: "" },
        { name: "e", state: "suspended", error: "" },
        { name: "f", state: "down", error: "" },
        { name: "g", state: "not started", error: "" },
        { name: "h", state: "not started", error: "refused" },
      ],
      0,
    );
    expect((await readFile(junit, "utf8")).split("\n")).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="tasks" tests="8" failures="2" errors="3" skipped="1" time="2.500">',
      '  <testsuite name="tasks" tests="8" failures="2" errors="3" skipped="1" time="2.500" timestamp="1970-01-01T00:16:40">',
      '    <testcase name="a 1" classname="start" time="1.500"/>',
      '    <testcase name="b" classname="start" time="0.000"/>',
      '    <testcase name="c" classname="start" time="0.000">',
      '      <failure message="disk full" type="failed">disk full</failure>',
      "    </testcase>",
      '    <testcase name="d" classname="start" time="0.000">',
      '      <error message="timed out" type="timeout">timed out</error>',
      "    </testcase>",
      '    <testcase name="e" classname="start" time="0.000">',
      '      <error message="suspended" type="suspended">suspended</error>',
      "    </testcase>",
      '    <testcase name="f" classname="start" time="0.000">',
      '      <error message="the node is down" type="unknown">the node is down</error>',
      "    </testcase>",
      '    <testcase name="g" classname="start" time="0.000">',
      "      <skipped/>",
      "    </testcase>",
      '    <testcase name="h" classname="start" time="0.000">',
      '      <failure message="refused" type="failed">refused</failure>',
      "    </testcase>",
      "  </testsuite>",
      "</testsuites>",
      "",
    ]);
  });

  test("makes the summary of GitHub, and says where GitHub takes no more", async () => {
    const summary = join(folder, "summary.md");
    const fake = fakeRuntime({ env: { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary } });
    const report = await openCiReport(fake.runtime, undefined, "waiting");
    const results = await resultsOf(fake.runtime, [{ kind: "done", id: "a", status: REPAIR }], undefined);
    await report.report(results, 0);
    expect(await readFile(summary, "utf8")).toContain("repair shop.orders");
    expect(fake.written.stderr).toBe("");
    await writeFile(summary, "x".repeat(1024 * 1024));
    await report.report(results, 0);
    expect((await stat(summary)).size).toBe(1024 * 1024);
    expect(fake.written.stderr).toBe(
      "warning: cannot write the summary to $GITHUB_STEP_SUMMARY: it is full: GitHub accepts 1 MiB per step\n",
    );
  });

  test("says nothing where nobody listens", async () => {
    const fake = fakeRuntime();
    const report = await openCiReport(fake.runtime, undefined, "waiting");
    await report.begin();
    await report.report(await resultsOf(fake.runtime, [failed("a")], undefined), 0);
    await report.end();
    expect(fake.written).toEqual({ stdout: "", stderr: "" });
  });
});
