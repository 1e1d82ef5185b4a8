import { expect, test } from "vitest";
import { percentText, progressBar } from "../../src/format/text/progress-text.js";
import { progressPercent } from "../../src/tasks/progress.js";

test.each<[string | undefined, number | undefined, number | undefined, number | undefined]>([
  ["running", 29, 100, 29],
  ["running", 2, 3, 66],
  ["running", 99_999, 100_000, 99],
  ["running", 3, 3, 99],
  ["running", 5, 3, 99],
  ["created", 1, 1, 99],
  ["suspended", 4, 4, 99],
  [undefined, 2, 2, 99],
  ["done", 3, 3, 100],
  ["done", 5, 3, 100],
  ["failed", 1, 1, 100],
  ["failed", 999, 1000, 99],
  ["running", -1, 3, 0],
  ["running", 0, 0, undefined],
  ["done", 0, 0, undefined],
  ["running", 1, -1, undefined],
  ["running", undefined, 10, undefined],
])("%s, %s of %s: %s %% in every format", (state, completed, total, expected) => {
  const progress = {
    ...(state === undefined ? {} : { state }),
    ...(completed === undefined ? {} : { progress_completed: completed }),
    ...(total === undefined ? {} : { progress_total: total }),
  };
  expect(progressPercent(progress)).toBe(expected);
  expect(percentText(progress)).toBe(expected === undefined ? "" : `${expected}%`);
  expect(progressBar(progress, 10, { unicode: false })).toBe(
    expected === undefined ? "" : `[${"#".repeat(Math.floor(expected / 10)).padEnd(10, "-")}]`,
  );
});
