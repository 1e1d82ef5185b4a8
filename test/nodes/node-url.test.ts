import { describe, expect, test } from "vitest";
import { hostOf, nodeUrlRule } from "../../src/nodes/node-url.js";

describe("hostOf", () => {
  test.each([
    ["10.0.0.1", "10.0.0.1"],
    ["fd00::1", "[fd00::1]"],
    ["scylla-1.example.com", "scylla-1.example.com"],
    ["node_1", "node_1"],
  ])("%j stands as %j", (address, host) => {
    expect(hostOf(address)).toBe(host);
  });

  test.each([
    "",
    "..",
    "a..b",
    ".",
    "a/b",
    "..\\..",
    "%2e%2e",
    "a%2fb",
    "a b",
    "me@host",
    "host:80",
    "127.1",
    "0x7f.0x1",
    "2130706433",
    "fe80::1%eth0",
    "[::1]",
    "-x",
    "ü",
    "a".repeat(254),
  ])("%j is no address", (address) => {
    expect(hostOf(address)).toBeUndefined();
  });
});

test("no address leaves its place in a template", () => {
  const rule = nodeUrlRule("http://10.0.0.1:10000", [], { nodeMap: new Map(), nodeUrl: "https://gw/nodes/%h/api" });
  expect(rule("10.0.0.2")).toBe("https://gw/nodes/10.0.0.2/api");
  for (const address of ["..", "%2e%2e", "..\\..", "a/../../b"]) {
    expect(() => rule(address)).toThrow("must be a host name or an IP address");
  }
});
