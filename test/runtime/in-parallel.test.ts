import { expect, test } from "vitest";
import { inParallel } from "../../src/runtime/in-parallel.js";

test("thousands in line have their turns in order, so many at once and no more", async () => {
  const items = Array.from({ length: 20_000 }, (_, index) => index);
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const work = async (item: number) => {
    order.push(item);
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    return item;
  };
  const results = await Promise.all(inParallel(items, 32, work));
  expect(results.length).toBe(items.length);
  expect(order.every((item, index) => item === index)).toBe(true);
  expect(most).toBe(32);
});
