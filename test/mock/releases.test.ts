import { describe, expect, it } from "vitest";
import { RELEASE_NAMES, releaseOf } from "../../src/mock/releases.js";

describe("a release", () => {
  it.each([
    ["6.2", "6.2.3"],
    ["seed", "6.3.0-dev"],
    ["2025.1", "2025.1.14"],
    ["2025.2", "2025.2.5"],
    ["2025.3", "2025.3.8"],
    ["2025.4", "2025.4.10"],
    ["2026.1", "2026.1.11"],
    ["2026.2", "2026.2.5"],
    ["2026.3", "2026.3.0-rc2"],
    ["2026.4", "2026.4.0-dev"],
    ["latest", "2026.3.0-rc2"],
    ["2025.4.2", "2025.4.2"],
    ["2025.4.10", "2025.4.10"],
    ["2026.3.0-rc2", "2026.3.0-rc2"],
  ])("%s has the version %s", (name, version) => {
    expect(releaseOf(name)).toMatchObject({ name: name === "latest" ? "2026.3" : expect.any(String), version });
  });

  it("takes its newest patch release's part, unless one is named", () => {
    const isReadable = (name: string) => releaseOf(name).tabletRepairsAreReadable;
    expect(["2025.4", "2025.4.2", "2025.4.3", "2025.3", "2026.1.0"].map(isReadable)).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  it("has every trait", () => {
    for (const name of RELEASE_NAMES) expect(Object.values(releaseOf(name)), name).not.toContain(undefined);
  });

  it.each([
    [
      "2024.1",
      "invalid release '2024.1': expected one of 6.2, seed, 2025.1, 2025.2, 2025.3, 2025.4, 2026.1, 2026.2, 2026.3, 2026.4, latest",
    ],
    ["seed.1", /^invalid release 'seed\.1': expected one of/],
    ["2025.4.11", "invalid release '2025.4.11': 2025.4 has the patch releases 2025.4.0 to 2025.4.10"],
    ["2025.4.x", /^invalid release '2025\.4\.x': 2025\.4 has the patch releases/],
  ])("is not %s", (name, message) => {
    expect(() => releaseOf(name)).toThrow(message);
  });
});
