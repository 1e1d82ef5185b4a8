import fc from "fast-check";
import { describe, inject, it } from "vitest";
import { ABORT_DELAY_MS } from "../../src/mock/domain/abort.js";
import { domainCommands, Subject } from "./domain-commands.js";
import { eachSeed } from "./each-seed.js";
import { MODEL_RELEASES, type ModelRelease, NodeModel } from "./node-model.js";

const options = inject("model");
const HOURS = 3_600_000;

describe("the mock's task manager", () => {
  it(`does what the rules say, in ${options.seeds} histories`, { timeout: 10 * HOURS }, async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...MODEL_RELEASES.keys()),
      domainCommands,
      async (release, commands) => {
        const setup = () => {
          const real = new Subject(release);
          const traits = MODEL_RELEASES.get(release) as ModelRelease;
          return { real, model: new NodeModel(traits, real.clock.nowMs(), ABORT_DELAY_MS) };
        };
        await fc.asyncModelRun(setup, commands);
      },
    );
    await eachSeed(options, (seed) => `MODEL_SEED=${seed} MODEL_SEEDS=1 npm run model`, property);
  });
});
