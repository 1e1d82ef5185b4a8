import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CiResult } from "../../../src/format/ci/ci-result.js";
import { annotations, summaryTable, workflowCommand } from "../../../src/format/ci/github.js";
import { inertLine } from "../../../src/format/ci/github-log.js";
import { printable } from "../../../src/strings/printable.js";

const result = (more: Partial<CiResult> = {}): CiResult => ({
  id: "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f",
  name: "major compaction shop",
  group: "major compaction",
  outcome: "done",
  seconds: 62,
  message: "",
  details: "",
  ...more,
});

describe("a workflow command", () => {
  test("escapes by GitHub's rules", () => {
    expect(workflowCommand("error", "50%\r\nof a:b,c", "a:b,c%\nd")).toBe(
      "::error title=a%3Ab%2Cc%25\\x0ad::50%25\\x0d%0Aof a:b,c",
    );
  });

  test("is one line, and decodes to the original text, whatever that is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), fc.string(), (message, title) => {
        const line = workflowCommand("error", message, title);
        expect(line).not.toMatch(/\p{Cc}/u);
        const [, property = "", data = ""] = /^::error title=([^:,]*)::(.*)$/s.exec(line) ?? [];
        expect(property).not.toMatch(/[:,]/);
        const back = data.replaceAll("%0A", "\n").replaceAll("%25", "%");
        expect(back).toBe(message.split("\n").map(printable).join("\n"));
      }),
    );
  });
});

test("there is an error for each failure, at most ten, and a warning for each remark on a success", () => {
  const failed = Array.from({ length: 12 }, (_, index) =>
    result({ outcome: "failed", message: `m${index}`, details: "a\nb" }),
  );
  const lines = annotations([
    result(),
    result({ message: "done or aborted" }),
    ...failed,
    result({ outcome: "skipped" }),
  ]);
  expect(lines).toHaveLength(11);
  expect(lines[0]).toBe("::error title=major compaction shop%3A failed::a%0Ab");
  expect(lines.at(-1)).toBe("::warning title=major compaction shop%3A done::done or aborted");
  expect(annotations([result({ outcome: "timeout", message: "it did not end in time", name: "" })])).toEqual([
    "::error title=task%3A timed out::it did not end in time",
  ]);
});

test.each([
  ["::error::x", ": :error::x"],
  ["  ::stop-commands::x", "  : :stop-commands::x"],
  ["repair ##[add-mask]x", "repair # #[add-mask]x"],
  ["repair shop  40%", "repair shop  40%"],
  ["a::b", "a::b"],
])("%j is no command any more", (line, inert) => expect(inertLine(line)).toBe(inert));

describe("the summary", () => {
  test("is a table with what went wrong first", () => {
    expect(summaryTable([result(), result({ outcome: "failed", message: "a|b\n<img>`x`" })], 10_000)).toBe(
      [
        "### ❌ tasks: 2 tasks, 1 did not succeed",
        "",
        "| task | outcome | duration | id | |",
        "| --- | --- | --- | --- | --- |",
        "| major compaction shop | failed | 1m02s | 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f | a\\|b\\\\x0a&lt;img&gt;\\`x\\` |",
        "| major compaction shop | done | 1m02s | 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f |  |",
        "",
        "",
      ].join("\n"),
    );
  });

  test.each([0, 100, 500, 2000, 100_000])("takes no more than %d bytes", (most) => {
    const results = Array.from({ length: 1000 }, () => result({ outcome: "failed", message: "ä".repeat(1000) }));
    const text = summaryTable(results, most);
    if (most < 300) expect(text).toBeUndefined();
    else expect(text).toMatch(/\n\.\.\. and \d+ more\n\n$/);
    expect(Buffer.byteLength(text ?? "")).toBeLessThanOrEqual(most);
  });
});
