import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/fixtures/environment.ts"],
    // Most tests wait for a process that they have spawned: one worker would leave the second core idle.
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
