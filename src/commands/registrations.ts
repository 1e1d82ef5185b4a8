import type { Registration } from "../cli/program.js";
import { registerAbort } from "./abort.js";
import { registerContext } from "./context.js";
import { registerDoctor } from "./doctor.js";
import { registerDrain } from "./drain.js";
import { registerExplain } from "./explain.js";
import { registerIdle } from "./idle.js";
import { registerList } from "./list.js";
import { registerMock } from "./mock.js";
import { registerModules } from "./modules.js";
import { registerStart } from "./start.js";
import { registerStatus } from "./status.js";
import type { CommandName } from "./summaries.js";
import { registerTree } from "./tree.js";
import { registerTtl, registerUserTtl } from "./ttl.js";
import { registerVersion } from "./version.js";
import { registerWait } from "./wait.js";

export { createRegistry } from "../cli/registry.js";

/** How each command adds itself to the program. */
export const REGISTRATIONS: Readonly<Record<CommandName, Registration>> = {
  modules: registerModules,
  list: registerList,
  status: registerStatus,
  tree: registerTree,
  explain: registerExplain,
  start: registerStart,
  wait: registerWait,
  abort: registerAbort,
  ttl: registerTtl,
  "user-ttl": registerUserTtl,
  drain: registerDrain,
  idle: registerIdle,
  doctor: registerDoctor,
  version: registerVersion,
  context: registerContext,
  mock: registerMock,
};
