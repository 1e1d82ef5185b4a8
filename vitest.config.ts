import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Children of a test inherit this: a developer's own settings must not change what is tested.
    env: { NO_COLOR: "", FORCE_COLOR: "", TASKS_CONFIG: "/nonexistent", NODE_EXTRA_CA_CERTS: "" },
    testTimeout: 20_000,
  },
});
