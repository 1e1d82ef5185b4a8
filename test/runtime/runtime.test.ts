import { expect, test } from "vitest";
import { processRuntime } from "../../src/runtime/runtime.js";

test("the clock sleeps for longer than a timer of Node holds, and until it is interrupted", async () => {
  const { clock } = processRuntime();
  const interrupt = new AbortController();
  const long = clock.sleep(3_000_000_000, interrupt.signal).then(() => "over");
  // Timers fire in the order of their times: one that overflows is set to 1 ms.
  expect(await Promise.race([long, clock.sleep(5).then(() => "goes on")])).toBe("goes on");
  interrupt.abort();
  await expect(long).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
});
