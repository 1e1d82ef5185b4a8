import { defineConfig, mergeConfig } from "vitest/config";
import inProcess from "./vitest.in-process.config.js";

/**
 * The tests that must notice a change of what Stryker changes (`stryker.config.json`). Of what has no end, less is tried: every change
 * costs a run.
 */
export default mergeConfig(
  inProcess,
  defineConfig({
    test: {
      // Not those that look at the whole from far off, and take long.
      exclude: ["cli", "config", "doctor", "format", "fuzz", "guard", "mock/http", "mock/scenarios", "runtime"].map(
        (folder) => `test/${folder}/**`,
      ),
      provide: { model: { seeds: 20, seed: 1 }, simulation: { seeds: 12, seed: 1 } },
    },
  }),
);
