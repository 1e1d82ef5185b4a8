import { configDefaults, defineConfig, mergeConfig } from "vitest/config";
import everything from "./vitest.config.js";

/** The tests that need no build, as they start no process of the program: what coverage and mutation testing can look into. */
export default mergeConfig(
  everything,
  defineConfig({
    test: {
      exclude: [
        ...configDefaults.exclude,
        "test/browser/**",
        "test/completion/shells.test.ts",
        "test/docs/**",
        "test/e2e/**",
        "test/guard/loaded-modules.test.ts",
        "test/library/package.test.ts",
        "test/soak/**",
      ],
      provide: { fuzz: { processCases: 0 } },
      coverage: {
        provider: "v8",
        include: ["src/**/*.ts"],
        // It runs in a browser: test/browser/.
        exclude: ["src/timeline/page/**"],
        reporter: ["text", "json-summary"],
        reportsDirectory: "node_modules/.cache/coverage",
        thresholds: { lines: 95, branches: 90, functions: 95, statements: 94 },
      },
    },
  }),
);
