import { describe, expect, test } from "vitest";
import {
  compareReleases,
  firstReleaseWith,
  lineOf,
  parseRelease,
  type ReleaseTraits,
  traitsOf,
} from "../../src/client/release.js";

describe("parseRelease", () => {
  test.each([
    ["6.2.3-0.20250108.7ae3b4f", "6.2"],
    ["6.3.0-dev", "seed"],
    ["6.3.0~dev-0.20241129.abc", "seed"],
    ["2025.1.0~dev-0.20241220.abc", "seed"],
    ["2025.1.0~rc1", "2025.1"],
    ["2025.1.14", "2025.1"],
    ["2025.4.10-0.20260701.abc", "2025.4"],
    ["2026.3.0-rc2", "2026.3"],
    ["2026.3.0~rc2-0.20260801.abc", "2026.3"],
    ["2026.3", "2026.3"],
    ["2026.4.0~dev", "2026.4"],
    ["2031.1.0", "2026.4"],
    ["6.1.2", "6.0"],
    ["5.4.9", "5.2"],
    ["4.6", "5.2"],
    ["2018.1.0", "5.2"],
    ["2023.2.0", "5.2"],
    ["2024.1.8", "5.2"],
    ["2024.2.3", "6.0"],
    ["2023.1.0", "5.2"],
    ["", "2026.4"],
    ["666.development", "2026.4"],
    ["a fork of 6.2.3", "2026.4"],
  ])("puts %j into the line %s", (text, line) => {
    expect(lineOf(parseRelease(text))).toBe(line);
  });

  test("keeps the text, and says whether it names a version", () => {
    expect(parseRelease("2025.4.3-0.2026")).toMatchObject({ text: "2025.4.3-0.2026", isKnown: true, patch: 3 });
    expect(parseRelease("a fork")).toMatchObject({ text: "a fork", isKnown: false });
  });

  test.each([
    ["2026.10.1", { year: 2026, minor: 10, patch: 1, candidate: Number.POSITIVE_INFINITY }],
    ["2026.3.0rc2", { year: 2026, minor: 3, patch: 0, candidate: 2 }],
    ["2026.3.0-rc", { year: 2026, minor: 3, patch: 0, candidate: 1 }],
  ])("reads %j", (text, numbers) => {
    expect(parseRelease(text)).toEqual({ text, isKnown: true, ...numbers });
  });
});

test("compareReleases orders by year, minor, patch, and candidates before their release", () => {
  const ascending = [
    "5.4.9",
    "6.2.0",
    "6.2.3",
    "6.3.0-dev",
    "2025.1.0~dev",
    "2025.1.0~rc1",
    "2025.1.0~rc2",
    "2025.1.0",
    "2025.1.2",
    "2025.1.14",
    "2025.2.0",
    "2026.1.0",
  ].map(parseRelease);
  const shuffled = [...ascending].reverse();
  expect(shuffled.sort(compareReleases).map(({ text }) => text)).toEqual(ascending.map(({ text }) => text));
  expect(compareReleases(parseRelease("2025.4.3-0.1"), parseRelease("2025.4.3-0.2"))).toBe(0);
});

/** The first and the newest patch release of each column of docs/server/releases.md: they differ where a cell says `.n+`. */
const VERSIONS = [
  ["6.2.0", "6.2.3"],
  ["6.3.0-dev", "6.3.0-dev"],
  ["2025.1.0", "2025.1.14"],
  ["2025.2.0", "2025.2.5"],
  ["2025.3.0", "2025.3.8"],
  ["2025.4.0", "2025.4.10"],
  ["2026.1.0", "2026.1.11"],
  ["2026.2.0", "2026.2.5"],
  ["2026.3.0-rc2", "2026.3.0"],
  ["2026.4.0-dev", "2026.4.0"],
] as const;

describe("traitsOf", () => {
  test.each<[keyof ReleaseTraits, string]>([
    //                                   6.2 seed 25.1 25.2 25.3 25.4 26.1 26.2 26.3 HEAD, each as first and newest patch release
    ["statusUnregisters", "              yy  yy   nn   nn   nn   nn   nn   nn   nn   nn"],
    ["waitUnregisters", "                nn  nn   nn   nn   nn   nn   nn   nn   nn   nn"],
    ["hasWaitTimeout", "                 yy  yy   yy   yy   yy   yy   yy   yy   yy   yy"],
    ["hasTtl", "                         yy  yy   yy   yy   yy   yy   yy   yy   yy   yy"],
    ["hasUserTtl", "                     nn  yy   yy   yy   yy   yy   yy   yy   yy   yy"],
    ["hasDrain", "                       nn  nn   yy   yy   yy   yy   yy   yy   yy   yy"],
    ["refusesAborts", "                  yy  yy   yy   yy   yy   yy   yy   yy   yy   yy"],
    ["statsHaveShardAndTimes", "         nn  nn   nn   yy   yy   yy   yy   yy   yy   yy"],
    ["canSuspend", "                     nn  nn   yy   yy   yy   yy   yy   yy   yy   yy"],
    ["refusesUnknownCompactionParameters", " yy  yy   yy   yy   nn   nn   nn   nn   nn   nn"],
    ["considersOnlyExistingData", "      nn  nn   ny   nn   ny   yy   yy   yy   yy   yy"],
    ["countsUnknownProgress", "          yy  yy   yn   yn   nn   nn   nn   nn   nn   nn"],
    ["compactionsKnowTotals", "          nn  nn   nn   nn   nn   yy   yy   yy   yy   yy"],
    ["hasTabletTasks", "                 nn  nn   yy   yy   yy   yy   yy   yy   yy   yy"],
    ["hasGlobalTopologyRequests", "      nn  nn   nn   nn   nn   nn   yy   yy   yy   yy"],
    ["clusterTasksHaveParents", "        nn  nn   nn   nn   nn   nn   nn   nn   yy   yy"],
    ["nodeOperationsStayReadable", "     nn  yy   yy   yy   yy   yy   yy   yy   yy   yy"],
    ["nodeOperationsAreAbortable", "     nn  nn   nn   nn   nn   nn   yy   yy   yy   yy"],
    ["tabletRepairReadableAfterEnd", "   nn  nn   nn   nn   nn   ny   yy   yy   yy   yy"],
    ["tabletRepairProgress", "           nn  nn   nn   nn   nn   ny   yy   yy   yy   yy"],
    ["tabletRepairChildren", "           nn  nn   nn   yy   yy   yy   yy   yy   yy   yy"],
    ["droppedTableEndsWait", "           nn  nn   nn   nn   nn   ny   ny   yy   yy   yy"],
    ["closedErrorWhileNodeDies", "       yy  yy   yn   yy   yy   yn   yn   nn   nn   nn"],
    ["cleanupMayStartNothing", "         nn  nn   ny   nn   ny   yy   yy   yy   yy   yy"],
    ["hasGlobalCleanup", "               nn  nn   nn   nn   nn   yy   yy   yy   yy   yy"],
    ["repairAsyncRefusesTablets", "      nn  nn   nn   nn   nn   yy   yy   yy   yy   yy"],
    ["restoreIsAbortable", "             nn  nn   yy   yy   yy   yy   yy   yy   yy   yy"],
    ["hasTabletRestore", "               nn  nn   nn   nn   nn   nn   nn   nn   yy   yy"],
    ["hasTabletBackup", "                nn  nn   nn   nn   nn   nn   nn   nn   nn   yy"],
    ["hasTabletMigration", "             nn  nn   nn   nn   nn   nn   nn   yy   yy   yy"],
    ["hasPow2Convergence", "             nn  nn   nn   nn   nn   nn   nn   nn   yy   yy"],
  ])("has %s as the page on releases says", (trait, expected) => {
    const found = VERSIONS.map((versions) =>
      versions.map((version) => (traitsOf(parseRelease(version))[trait] === true ? "y" : "n")).join(""),
    );
    expect(found).toEqual(expected.trim().split(/ +/));
  });

  test.each<[keyof ReleaseTraits, string, string[]]>([
    ["tabletRepairParameters", "6.2.3", []],
    ["tabletRepairParameters", "6.3.0-dev", ["ks", "table", "tokens"]],
    ["tabletRepairParameters", "2025.3.0", ["ks", "table", "tokens", "hosts_filter", "dcs_filter", "await_completion"]],
    ["backupParameters", "6.2.3", ["endpoint", "bucket", "keyspace", "snapshot"]],
    ["backupParameters", "2025.1.3", ["endpoint", "bucket", "prefix", "keyspace", "table", "snapshot"]],
    ["restoreParameters", "2025.1.3", ["endpoint", "bucket", "prefix", "keyspace", "table", "scope"]],
    ["scrubParameters", "2025.4.10", []],
    ["scrubParameters", "2026.1.0", ["drop_unfixable_sstables"]],
    ["scrubParameters", "2026.4.0-dev", ["drop_unfixable_sstables", "quarantine_invalid_sstables"]],
  ])("knows %s of %s", (trait, version, parameters) => {
    expect(traitsOf(parseRelease(version))[trait]).toEqual(parameters);
  });

  test("knows the newer parameters of repair, backup and restore", () => {
    const { tabletRepairParameters, backupParameters, restoreParameters } = traitsOf(parseRelease("2025.4.0"));
    expect(tabletRepairParameters).toContain("incremental_mode");
    expect(backupParameters).toContain("move_files");
    expect(restoreParameters).toContain("primary_replica_only");
  });

  test("knows the task types of node operations", () => {
    expect(traitsOf(parseRelease("6.2.3")).nodeOperationTypes).toMatchObject({
      bootstrap: "join",
      decommission: "leave",
      removeNode: "remove",
    });
    expect(traitsOf(parseRelease("6.3.0-dev")).nodeOperationTypes).toMatchObject({ removeNode: "remove node" });
  });

  test("assumes that an unknown release has new features, and that a status can be read only once", () => {
    expect(traitsOf(parseRelease("a fork"))).toMatchObject({ hasTabletRestore: true, statusUnregisters: true });
    expect(traitsOf(parseRelease("2031.1.0"))).toMatchObject({ hasTabletRestore: true, statusUnregisters: false });
  });

  test("knows that before 6.0 a wait unregisters, too", () => {
    expect(traitsOf(parseRelease("5.4.9"))).toMatchObject({ waitUnregisters: true, hasWaitTimeout: false });
    expect(traitsOf(parseRelease("6.1.0"))).toMatchObject({ waitUnregisters: false, hasWaitTimeout: false });
  });
});

test("firstReleaseWith finds the first release since which all have a feature", () => {
  expect(firstReleaseWith("hasTabletRestore")).toBe("2026.3");
  expect(firstReleaseWith("tabletRepairReadableAfterEnd")).toBe("2025.4.3");
  expect(firstReleaseWith("considersOnlyExistingData")).toBe("2025.3.7");
  expect(firstReleaseWith("hasUserTtl")).toBe("2025.1");
});
