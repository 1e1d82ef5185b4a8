import { describe, expect, inject, it, vi } from "vitest";
import { simulatedEngine, World } from "./world.js";

vi.mock("../../src/client/http-engine.js", () => ({
  createHttpEngine: (...options: Parameters<typeof simulatedEngine>) => simulatedEngine(...options),
}));

const { seed, seeds } = inject("simulation");
const HOURS = 3_600_000;
const MOST_TOLD = 40;

describe("clients, servers and a bad network", () => {
  it(`keep every promise, in ${seeds} worlds`, { timeout: 10 * HOURS }, async () => {
    const broken: string[] = [];
    for (let one = seed; one < seed + seeds && broken.length < MOST_TOLD; one++) {
      const world = await World.make(one);
      const findings = await world.play();
      if (findings.length === 0) continue;
      broken.push(`SIMULATION_SEED=${one} SIMULATION_SEEDS=1 npm run simulate`);
      for (const { client, command, broken: what } of findings) broken.push(`  ${client}: ${what} (tasks ${command})`);
      // With one seed alone, all that happened.
      if (seeds === 1) broken.push(`release ${world.release}`, ...world.history);
    }
    expect(broken).toEqual([]);
  });

  it("do the same again with the same seed", async () => {
    const histories: string[][] = [];
    for (const _ of [1, 2]) {
      const world = await World.make(seed);
      await world.play();
      histories.push(world.history);
    }
    expect(histories[0]).toEqual(histories[1]);
  });
});
