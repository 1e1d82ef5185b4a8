import fc from "fast-check";
import { SaxesParser } from "saxes";
import { expect, test } from "vitest";
import type { CiResult } from "../../../src/format/ci/ci-result.js";
import { junitXml } from "../../../src/format/ci/junit.js";

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Reads XML by a strict parser. @throws where it is none */
function readXml(xml: string): Element {
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, children: [], text: "" };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("closetag", () => void open.pop());
  parser.on("text", (text) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  });
  parser.write(xml).close();
  return root.children[0] as Element;
}

const suite = (results: readonly CiResult[]) =>
  readXml(
    [...junitXml({ name: "tasks", startedMs: Date.parse("2026-11-24T10:00:00Z"), seconds: 12.5, results })].join(""),
  );

const BASE: CiResult = {
  id: "a",
  name: "repair shop",
  group: "repair",
  outcome: "done",
  seconds: 2,
  message: "",
  details: "",
};

test("each task is a test, and the counts are those of the elements", () => {
  const outcomes = ["done", "failed", "timeout", "suspended", "unknown", "skipped"] as const;
  const suites = suite(
    outcomes.map((outcome) => ({ ...BASE, outcome, message: `m <${outcome}>`, details: "line 1\nline 2" })),
  );
  const counts = { tests: "6", failures: "1", errors: "3", skipped: "1", time: "12.500" };
  expect(suites).toMatchObject({ name: "testsuites", attributes: { name: "tasks", ...counts } });
  const [inner] = suites.children;
  expect(inner).toMatchObject({ name: "testsuite", attributes: { ...counts, timestamp: "2026-11-24T10:00:00" } });
  expect(inner?.children.map(({ children }) => children.map(({ name }) => name))).toEqual([
    ["system-out"],
    ["failure"],
    ["error"],
    ["error"],
    ["error"],
    ["skipped"],
  ]);
  const failed = inner?.children[1];
  expect(failed?.attributes).toEqual({ name: "repair shop a", classname: "repair", time: "2.000" });
  expect(failed?.children[0]).toMatchObject({
    attributes: { message: "m <failed>", type: "failed" },
    text: "line 1\nline 2",
  });
});

test("is well-formed XML whatever a server sends", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (one, other) => {
      const hostile = `${one}\u0000\ufffe\ud800]]>&<"'`;
      const [inner] = suite([
        { ...BASE, id: other, name: hostile, outcome: "failed", message: hostile, details: hostile },
      ]).children;
      expect(inner?.children[0]?.children[0]?.text).toContain("]]>&<\"'");
    }),
  );
});
