import { expect, test } from "vitest";
import { threshold } from "../../src/check/threshold.js";

test.each([
  ["0", [1, -1], [0]],
  ["10", [11, -1], [0, 10]],
  ["10:", [9, -1], [10, 1000]],
  ["~:10", [11], [-1000, 10]],
  ["10:20", [9, 21], [10, 20]],
  ["@10:20", [10, 15, 20], [9, 21]],
  ["@0", [0], [1]],
  ["1.5:2.5", [1.4, 3], [1.5, 2]],
  ["-3:-1", [0, -4], [-2]],
])("%s", (text, raised, quiet) => {
  const { raisedBy } = threshold("--warning", text);
  expect(raised.filter((value) => !raisedBy(value))).toEqual([]);
  expect(quiet.filter(raisedBy)).toEqual([]);
});

test.each(["", ":", ":5", "@", "5:1", "a", "1:2:3", "10%", " 5", "~", "@~", "1e3", "--5"])(
  "%j is not a range",
  (text) => {
    expect(() => threshold("--warning", text)).toThrow(
      `option '--warning <range>' argument '${text}' is invalid. It takes a range`,
    );
  },
);
