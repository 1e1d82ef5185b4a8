import { defaultScenario } from "./default-scenario.js";
import type { Scenario } from "./scenario.js";

const idleScenario: Scenario = {
  ...defaultScenario,
  name: "idle",
  description: "keyspaces and tables, and nothing that works on them",
  tasks: [],
};

const SCENARIOS = [defaultScenario, idleScenario];

/** The names of the scenarios that come with the mock. */
export const SCENARIO_NAMES: readonly string[] = SCENARIOS.map((scenario) => scenario.name);

/** @throws Error, with the names that there are */
export function builtInScenario(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario === undefined) {
    throw new RangeError(`unknown scenario '${name}': there are ${SCENARIO_NAMES.join(", ")}`);
  }
  return scenario;
}
