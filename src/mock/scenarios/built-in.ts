import { chaosScenario } from "./chaos-scenario.js";
import { defaultScenario } from "./default-scenario.js";
import { everythingScenario } from "./everything-scenario.js";
import { failuresScenario } from "./failures-scenario.js";
import { gatewayScenario } from "./gateway-scenario.js";
import {
  backupScenario,
  decommissionScenario,
  repairScenario,
  tabletRepairScenario,
  topologyScenario,
} from "./operation-scenarios.js";
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
  everythingScenario,
  repairScenario,
  tabletRepairScenario,
  decommissionScenario,
  topologyScenario,
  backupScenario,
  failuresScenario,
  stormScenario,
  chaosScenario,
  gatewayScenario,
];

/** The names of the built-in scenarios. */
export const SCENARIO_NAMES: readonly string[] = SCENARIOS.map((scenario) => scenario.name);

/** @throws RangeError that lists the names */
export function builtInScenario(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario === undefined) {
    throw new RangeError(`unknown scenario '${name}': expected one of ${SCENARIO_NAMES.join(", ")}`);
  }
  return scenario;
}
