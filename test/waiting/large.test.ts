import { expect, test } from "vitest";
import { overallProgressLine } from "../../src/waiting/progress-line.js";

test("the line of a hundred thousand tasks is a matter of milliseconds", () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `repair ks${index} 25%`);
  const pace = { unitsPerSecond: 12.345, remainingSeconds: 31, elapsedSeconds: 192 };
  const text = overallProgressLine("1 of 100000 tasks ended", undefined, pace, names, { columns: 200, unicode: false });
  expect(text).toMatch(/^1 of 100000 tasks ended {2}repair ks0 25%, .*, 999\d\d more$/);
});
