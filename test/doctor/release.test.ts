import { describe, expect, test } from "vitest";
import { releaseFindings } from "../../src/doctor/release.js";
import { runInProcess } from "../fixtures/run-in-process.js";

const told = (version: string) => releaseFindings(version).map(({ detail }) => detail);

describe("the release in doctor", () => {
  test.each([
    [
      "6.2.3",
      /forgets a finished task once/,
      /0 of 1/,
      /no user-ttl/,
      /drain is not supported/,
      /finished node operations are kept for the ttl/,
    ],
    ["2025.1.14", /lists have no shard/, /tablet repair is forgotten/, /shows no progress/, /total of a compaction/],
    ["2025.2.5", /tablet repair is forgotten/, /ten seconds after a node died/],
    ["2026.1.11", /only while it is queued/],
  ])("of %s lists its limits", (version, ...expected) => {
    for (const text of expected) expect(told(version)).toContainEqual(expect.stringMatching(text));
  });

  test.each(["2025.4.3", "2026.3.0"])("of %s has nothing to say of what is readable there", (version) => {
    expect(told(version)).not.toContainEqual(expect.stringMatching(/forgotten when it ends|forgets|lists have no/));
  });

  test("names a version that it does not know, and is careful with it", () => {
    expect(releaseFindings("weekly")[0]).toMatchObject({
      result: "note",
      detail: "'weekly' is not a known release",
    });
    expect(told("weekly")).toContainEqual(expect.stringMatching(/forgets a finished task once/));
  });

  test.each(["6.2", "seed", "2025.4", "2026.3"])("is told of a mock that plays %s", async (release) => {
    const { code, stdout } = await runInProcess(["--mock", "--release", release, "doctor", "--json"]);
    const findings: { check: string; detail: string }[] = JSON.parse(stdout);
    expect(code).toBe(0);
    const [version] = findings.filter(({ check }) => check === "release");
    expect(findings.filter(({ check }) => check === "release").map(({ detail }) => detail)).toEqual(
      told(version?.detail as string),
    );
    expect(findings.some(({ check }) => check === "user-ttl")).toBe(release !== "6.2");
  });
});
