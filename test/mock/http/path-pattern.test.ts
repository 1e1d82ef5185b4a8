import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pathMatcher } from "../../../src/mock/http/path-pattern.js";

const fits = (pattern: string, path: string) => pathMatcher(pattern)(path);

describe("a pattern of paths", () => {
  test.each([
    ["/task_manager/ttl", "/task_manager/ttl", true],
    ["/task_manager/ttl", "/task_manager/ttl2", false],
    ["/task_manager/*", "/task_manager/ttl", true],
    ["/task_manager/*", "/task_manager/wait_task/x", false],
    ["/task_manager/**", "/task_manager/wait_task/x", true],
    ["/*/wait_task/*", "/task_manager/wait_task/x", true],
    ["/**", "/", true],
    ["/**/x", "/a/b/x", true],
    ["/**/x", "/x", false],
    ["/a*c/**e", "/abc/d/e", true],
    ["/a.c", "/abc", false],
    ["/***/b", "/a/a/b", true],
    ["/\u{1f600}*", "/\u{1f600}x", true],
  ])("%s and %s: %s", (pattern, path, expected) => {
    expect(fits(pattern, path)).toBe(expected);
  });

  test("matches what the equivalent regular expression matches", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "/", "*", "**"), { maxLength: 8 })
      .map((parts) => `/${parts.join("")}`);
    const path = fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 8 }).map((parts) => `/${parts.join("")}`);
    fc.assert(
      fc.property(text, path, (pattern, subject) => {
        const source = pattern.replace(/\*\*?/g, (stars) => (stars === "**" ? ".*" : "[^/]*"));
        expect(fits(pattern, subject)).toBe(new RegExp(`^${source}$`).test(subject));
      }),
      { numRuns: 2000 },
    );
  });

  test("is tried in linear time, however many stars it has", () => {
    expect(fits(`/${"**a".repeat(300)}b`, `/${"a".repeat(16_000)}`)).toBe(false);
  });
});
