import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
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

describe("a signal", () => {
  const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;
  const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  const own = (signal: (typeof SIGNALS)[number]) =>
    process.listeners(signal).filter((listener) => before.get(signal)?.includes(listener) === false);
  const kill = vi.spyOn(process, "kill").mockReturnValue(true);
  afterEach(() => {
    for (const signal of SIGNALS) for (const listener of own(signal)) process.removeListener(signal, listener);
    kill.mockClear();
  });
  afterAll(() => kill.mockRestore());

  test.each([
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "%s interrupts the run, which ends with %i; a second one ends the process at once",
    (signal, exitCode) => {
      const { interrupt } = processRuntime();
      const [listener] = own(signal);
      listener?.(signal);
      expect(interrupt.reason).toMatchObject({ name: "Interruption", signal, exitCode });
      expect(kill).not.toHaveBeenCalled();
      listener?.(signal);
      expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, signal);
      expect(own(signal)).toEqual([]);
    },
  );
});
