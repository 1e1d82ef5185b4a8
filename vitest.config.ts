import { defineConfig } from "vitest/config";

/** How much is tried of what has no end; `npm run fuzz`, `soak`, `model` and `simulate` try more. */
const { FUZZ_CASES = "450", FUZZ_PROCESS_CASES = "50", FUZZ_SEED = "20261124", SOAK_SECONDS = "30" } = process.env;
const { MODEL_SEEDS = "200", MODEL_SEED = "1", SIMULATION_SEEDS = "200", SIMULATION_SEED = "1" } = process.env;

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/fixtures/environment.ts"],
    // Most tests wait for a process that they have spawned: one worker would leave the second core idle.
    maxWorkers: 2,
    testTimeout: 60_000,
    provide: {
      fuzz: { cases: Number(FUZZ_CASES), processCases: Number(FUZZ_PROCESS_CASES), seed: Number(FUZZ_SEED) },
      soak: { seconds: Number(SOAK_SECONDS) },
      model: { seeds: Number(MODEL_SEEDS), seed: Number(MODEL_SEED) },
      simulation: { seeds: Number(SIMULATION_SEEDS), seed: Number(SIMULATION_SEED) },
    },
  },
});
