import { chaosScenario } from "./chaos-scenario.js";
import { defaultScenario } from "./default-scenario.js";
import { failuresScenario } from "./failures-scenario.js";
import { backupScenario, decommissionScenario, repairScenario, tabletRepairScenario } from "./operation-scenarios.js";
import type { Scenario } from "./scenario.js";
import { stormScenario } from "./storm-scenario.js";

const idleScenario: Scenario = {
  ...defaultScenario,
  name: "idle",
  description: "keyspaces and tables, and nothing that works on them",
  tasks: [],
};

const SCENARIOS = [
  defaultScenario,
  idleScenario,
  repairScenario,
  tabletRepairScenario,
  decommissionScenario,
  backupScenario,
  failuresScenario,
  stormScenario,
  chaosScenario,
];

/** The names of the scenarios that come with the mock. */
export const SCENARIO_NAMES: readonly string[] = SCENARIOS.map((scenario) => scenario.name);

/** @throws RangeError, with the names that there are */
export function builtInScenario(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario === undefined) {
    throw new RangeError(`unknown scenario '${name}': there are ${SCENARIO_NAMES.join(", ")}`);
  }
  return scenario;
}
