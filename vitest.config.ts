import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** How much is tried of what has no end; `npm run fuzz`, `soak`, `model` and `simulate` try more. */
const { FUZZ_CASES = "450", FUZZ_PROCESS_CASES = "50", FUZZ_SEED = "20261124", SOAK_SECONDS = "60" } = process.env;
const { MODEL_SEEDS = "200", MODEL_SEED = "1", SIMULATION_SEEDS = "200", SIMULATION_SEED = "1" } = process.env;
const { DAY_HOURS = "0.25", DAY_SEED = "1", DAY_SCENARIOS = "chaos" } = process.env;

/** The soak takes a minute, in which it does little: begun last, it would be waited for alone. */
class SoakFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSoak = ({ moduleId }: TestSpecification) => moduleId.includes("/test/soak/");
    const sorted = await super.sort(files);
    return [...sorted.filter(isSoak), ...sorted.filter((file) => !isSoak(file))];
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/fixtures/environment.ts"],
    // Most tests wait for a process that they have spawned, and one waits for a minute: that one begins first, beside two others.
    maxWorkers: 3,
    sequence: { sequencer: SoakFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    provide: {
      fuzz: { cases: Number(FUZZ_CASES), processCases: Number(FUZZ_PROCESS_CASES), seed: Number(FUZZ_SEED) },
      soak: { seconds: Number(SOAK_SECONDS) },
      day: { hours: Number(DAY_HOURS), seed: Number(DAY_SEED), scenarios: DAY_SCENARIOS.split(",") },
      model: { seeds: Number(MODEL_SEEDS), seed: Number(MODEL_SEED) },
      simulation: { seeds: Number(SIMULATION_SEEDS), seed: Number(SIMULATION_SEED) },
    },
  },
});
