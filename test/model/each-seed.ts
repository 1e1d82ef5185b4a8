import fc from "fast-check";

/**
 * Tries a property with one seed after the other, each on its own, so that one can be tried again alone.
 * @throws Error with the line that tries it again, and the shortest run that fast-check finds to fail
 */
export async function eachSeed(
  { seed, seeds }: { readonly seed: number; readonly seeds: number },
  again: (seed: number) => string,
  property: fc.IAsyncPropertyWithHooks<unknown[]>,
): Promise<void> {
  for (let one = seed; one < seed + seeds; one++) {
    const run = await fc.check(property, { seed: one, numRuns: 1, endOnFailure: false });
    if (run.failed) throw new Error(`${again(one)}\n${fc.defaultReportMessage(run)}`, { cause: run.errorInstance });
  }
}
