import { expect, it } from "vitest";
import { Random } from "../../src/mock/random.js";

const ids = (seed: number, count: number) =>
  Array.from({ length: count }, (_, index) =>
    new Random(seed, `storm/2/0.${index % 100}/0.${Math.floor(index / 100)}`).uuid(),
  );

it("ids depend on seed and key only", () => {
  expect(ids(1, 3)).toEqual(ids(1, 3));
  expect(new Set([...ids(1, 100), ...ids(2, 100)]).size).toBe(200);
});

it("ids do not repeat", () => {
  expect(new Set(ids(1, 300_000)).size).toBe(300_000);
});

it("numbers are spread evenly", () => {
  const random = new Random(1, "x");
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const bucket = Math.floor(random.next() * 10);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1_150);
});
