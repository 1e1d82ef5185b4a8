import { describe, expect, test } from "vitest";
import { checkStructure, parseJson } from "../../src/client/json.js";
import { NO_SECRETS, SecretMask } from "../../src/client/secret-mask.js";

const MAX_DEPTH = 64;

describe("checkStructure", () => {
  const check = (json: string) => () => checkStructure(Buffer.from(json));
  const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);

  test.each([
    ["[", "]"],
    ['{"a":', "}"],
  ])("refuses %s nested more than 64 levels deep", (open, close) => {
    expect(check(nested(open, close, MAX_DEPTH))).not.toThrow();
    expect(check(nested(open, close, MAX_DEPTH + 1))).toThrow(new SyntaxError("it is nested more than 64 levels deep"));
  });

  test("counts the depth, and not the number of brackets", () => {
    expect(check(`[${"[],{},".repeat(MAX_DEPTH)}[]]`)).not.toThrow();
  });

  test("ignores what is in strings, also after escaped quotes", () => {
    const brackets = "[{,".repeat(MAX_DEPTH);
    expect(check(JSON.stringify([brackets, `"${brackets}`, `\\`, brackets]))).not.toThrow();
    expect(check(`["\\\\", ${"[".repeat(MAX_DEPTH)}`)).toThrow("nested");
  });
});

describe("parseJson", () => {
  const TOKEN = "correct-horse-battery";
  const mask = new SecretMask({ authorization: `Bearer ${TOKEN}` });

  const reasonOf = (json: string, secrets: SecretMask) => {
    try {
      return `no error, but ${JSON.stringify(parseJson(json, secrets))}`;
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError);
      return (error as SyntaxError).message;
    }
  };

  test("masks secrets in values", () => {
    expect(parseJson(`{"error": "bad token ${TOKEN}"}`, mask)).toEqual({ error: "bad token ********" });
    expect(parseJson("[1]", NO_SECRETS)).toEqual([1]);
  });

  test("has V8's reason if there are no secrets", () => {
    expect(reasonOf("[nul]", NO_SECRETS)).toBe(`Unexpected token ']', "[nul]" is not valid JSON`);
  });

  test("quotes the place of a fault with secrets masked, also half of one", () => {
    expect(reasonOf(`[nul, "${TOKEN}"]`, mask)).toBe(`Unexpected token ',', "[nul, "********"]" is not valid JSON`);
    expect(reasonOf("[correct-horse", mask)).toBe(`Unexpected token '*', "[********" is not valid JSON`);
  });

  test("does not quote the place of a fault in a text of more than 64 K", () => {
    const spaces = " ".repeat(64 * 1024);
    expect(reasonOf(`${spaces}[nul, "${TOKEN}"]`, mask)).toBe("Unexpected token ','");
    expect(reasonOf(`${spaces}["${TOKEN}`, mask)).toMatch(/^Unterminated string in JSON at position \d+/);
  });
});
