import fc from "fast-check";
import { describe, inject, it } from "vitest";
import { ABORT_DELAY_MS } from "../../src/mock/domain/abort.js";
import { ManualClock } from "../../src/mock/domain/clock.js";
import { eachSeed } from "./each-seed.js";
import { MODEL_RELEASES, type ModelRelease } from "./node-model.js";
import { TestApiModel, TestApiSubject, testTaskCommands } from "./test-task-commands.js";

const options = inject("model");
const HOURS = 3_600_000;

describe("the test-task API", () => {
  it(`does what the rules say, in ${options.seeds} histories`, { timeout: 10 * HOURS }, async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...MODEL_RELEASES.keys()),
      testTaskCommands,
      async (release, commands) => {
        const traits = MODEL_RELEASES.get(release) as ModelRelease;
        const model = new TestApiModel(traits, new ManualClock().nowMs(), ABORT_DELAY_MS);
        const real = await TestApiSubject.start(release, model);
        try {
          await fc.asyncModelRun(() => ({ model, real }), commands);
        } finally {
          await real.mock.stop();
        }
      },
    );
    await eachSeed(options, (seed) => `MODEL_SEED=${seed} MODEL_SEEDS=1 npm run model`, property);
  });
});
