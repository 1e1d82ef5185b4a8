import { defineConfig } from "vitest/config";
import everything from "./vitest.config.js";

const { MUTATION_TESTS = "client,mock/domain,model/domain,model/waits,tasks,waiting" } = process.env;

/**
 * The tests that must notice a change of what Stryker changes (`stryker.config.json`): those of these folders themselves. What looks at
 * the whole from far off would notice more, but every change costs a run, and such a run takes a minute. Of what has no end, less is tried.
 */
export default defineConfig({
  test: {
    ...everything.test,
    include: MUTATION_TESTS.split(",").map((folder) => `test/${folder}{/**/*,*}.test.ts`),
    // They are about memory and time: each of their tests takes seconds.
    exclude: ["test/client/hostile-answers.test.ts", "test/**/large.test.ts"],
    provide: { ...everything.test?.provide, model: { seeds: 30, seed: 1 } },
  },
});
