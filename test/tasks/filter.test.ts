import { Command } from "commander";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addFilterOptions, readFilter } from "../../src/cli/filter-options.js";
import type { TaskStats } from "../../src/client/wire.js";
import { matchesGlob } from "../../src/strings/glob.js";
import { type TaskFilter, taskFilter, unfinishedUnlessStated } from "../../src/tasks/filter.js";
import { EPOCH } from "../../src/vocabulary.js";

const NOW = Date.parse("2026-11-24T10:00:00Z");

/** The filter that a command line makes. */
function filterOf(...args: string[]): TaskFilter {
  const command = addFilterOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  const options = readFilter(command.parse(args, { from: "user" }).opts());
  return options === undefined ? () => "yes" : taskFilter(options, NOW);
}

test("without options there is no filter", () => {
  expect(readFilter({})).toBeUndefined();
});

describe("patterns", () => {
  test.each<[string[], TaskStats, "yes" | "no" | "unknown"]>([
    [["--state", "running,failed"], { state: "failed" }, "yes"],
    [["--state", "running,failed"], { state: "done" }, "no"],
    [["--state", "!done"], { state: "created" }, "yes"],
    [["--state", "!done"], { state: "done" }, "no"],
    [["--state", "*,!done,!failed"], { state: "failed" }, "no"],
    [["--state", "running", "--state", "failed"], { state: "running" }, "yes"],
    [["--state", " running , failed "], { state: "failed" }, "yes"],
    [["--type", "*cleanup*"], { type: "cleanup compaction" }, "yes"],
    [["--type", "cleanup"], { type: "cleanup compaction" }, "no"],
    [["--type", "major compaction"], { type: "major compaction" }, "yes"],
    [["--scope", "t?ble"], { scope: "tablet" }, "no"],
    [["--scope", "t?ble"], { scope: "table" }, "yes"],
    [["--kind", "cluster"], { kind: "node" }, "no"],
    [["--entity", "a.c"], { entity: "abc" }, "no"],
    [["--entity", "?*"], { entity: "" }, "no"],
    [["--kind", "node"], {}, "unknown"],
    [["--kind", "node", "--state", "done"], { state: "running" }, "no"],
    [["--kind", "node", "--state", "done"], { state: "done" }, "unknown"],
  ])("%j of %j: %s", (args, task, verdict) => {
    expect(filterOf(...args)(task)).toBe(verdict);
  });

  test.each([",", "", "!", "a,,b"])("%j is refused", (text) => {
    expect(() => filterOf("--state", text)).toThrow("It takes patterns with commas between them.");
  });

  test.each([
    ["--state", "runing", "Unknown value 'runing'. Did you mean running?"],
    ["--state", "!Done", "Unknown value 'Done'. Did you mean done?"],
    ["--kind", "nodes", "Unknown value 'nodes'. Did you mean node?"],
    ["--kind", "shard", "Unknown value 'shard'. It takes node, cluster, or patterns with * or ?."],
    ["--state", "!pending", "Unknown value 'pending'. It takes created, running, done, failed, suspended, or patterns"],
  ])("%s %s would match nothing", (option, text, message) => {
    expect(() => filterOf(option, text)).toThrow(message);
  });

  test.each(["paused*", "run*", "?one"])("state %s is accepted: a newer server may have it", (text) => {
    expect(() => filterOf("--state", text)).not.toThrow();
  });

  test("any text matches itself and the star", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(matchesGlob("*", text)).toBe(true);
        expect(matchesGlob(text.replace(/[*?]/g, "?"), text)).toBe(true);
        expect(matchesGlob(`${text}x`, text.replace(/[*?]/g, ""))).toBe(false);
      }),
    ));

  test("a pattern matches like the equivalent regular expression", () =>
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "b", "😀", "*", "?") }),
        fc.string({ unit: fc.constantFrom("a", "b", "😀") }),
        (pattern, text) => {
          const source = pattern.replaceAll("*", ".*").replaceAll("?", ".");
          expect(matchesGlob(pattern, text)).toBe(new RegExp(`^${source}$`, "su").test(text));
        },
      ),
      { numRuns: 1000 },
    ));

  test("many stars and a long text take milliseconds", () => {
    // A regular expression would try 10^60 ways to share the text among the stars.
    const text = "abc".repeat(10_000);
    expect(matchesGlob("*a*b*c".repeat(5).concat("*x"), text)).toBe(false);
    expect(matchesGlob("*a*b*c".repeat(5).concat("*"), text)).toBe(true);
  });
});

test("only --state replaces the choice of unfinished tasks", () => {
  const verdict = (state: string, ...args: string[]) => {
    const command = addFilterOptions(new Command());
    return taskFilter(
      unfinishedUnlessStated(readFilter(command.parse(args, { from: "user" }).opts())),
      NOW,
    )({
      state,
      type: "repair",
    });
  };
  expect(["created", "running", "done", "failed"].map((state) => verdict(state))).toEqual(["yes", "yes", "no", "no"]);
  expect(["running", "done"].map((state) => verdict(state, "--type", "rep*"))).toEqual(["yes", "no"]);
  expect(["running", "done"].map((state) => verdict(state, "--state", "done"))).toEqual(["no", "yes"]);
});

describe("ages", () => {
  const started = (minutes: number) => ({
    start_time: new Date(NOW - minutes * 60_000).toISOString().replace(".000", ""),
  });

  test.each<[string[], TaskStats, "yes" | "no" | "unknown"]>([
    [["--older-than", "10m"], started(10), "yes"],
    [["--older-than", "10m"], started(9), "no"],
    [["--newer-than", "1h30m"], started(90), "yes"],
    [["--newer-than", "1h30m"], started(91), "no"],
    [["--newer-than", "1h", "--older-than", "30m"], started(45), "yes"],
    [["--newer-than", "1h", "--older-than", "30m"], started(15), "no"],
    [["--older-than", "0"], { start_time: EPOCH }, "no"],
    [["--newer-than", "1h"], { start_time: EPOCH }, "no"],
    [["--older-than", "10m"], {}, "unknown"],
  ])("%j of %j: %s", (args, task, verdict) => {
    expect(filterOf(...args)(task)).toBe(verdict);
  });
});
