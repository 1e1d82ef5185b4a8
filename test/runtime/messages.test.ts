import { expect, test } from "vitest";
import { printMessage } from "../../src/runtime/messages.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";

const said = async (text: string, env: Record<string, string>, isTerminal = false) => {
  const { runtime, written } = fakeRuntime({ env, isTerminal });
  await printMessage(runtime, text);
  return written.stderr;
};

test("what is beyond ASCII is escaped where the locale has no UTF-8: a byte of it can drive a terminal", async () => {
  expect(await said("ś of 📦\nü", { LC_ALL: "C" })).toBe("\\u015b of \\u{1f4e6}\n\\xfc\n");
  expect(await said("ś of 📦\nü", { LANG: "en_US.UTF-8" })).toBe("ś of 📦\nü\n");
});

test("a terminal gets lines that are broken between words, a pipe the whole line", async () => {
  const text = "word ".repeat(30).trim();
  expect(await said(text, {})).toBe(`${text}\n`);
  const lines = (await said(`${text} ${"x".repeat(100)}`, {}, true)).split("\n");
  expect(lines[0]).toBe("word ".repeat(16).trim());
  expect(lines).toContain("x".repeat(100));
});
