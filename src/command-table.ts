import { wholeProgram } from "./cli/whole-program.js";
import { STATS_FIELD_NAMES, STATUS_FIELD_NAMES } from "./client/wire.js";
import { COMMANDS } from "./commands.js";
import { type CommandTable, entryOf } from "./completion/command-entry.js";
import { RELEASE_NAMES } from "./mock/releases.js";
import { SCENARIO_NAMES } from "./mock/scenarios/built-in.js";

/** What completion knows, read from the definitions of the commands. The build puts what it returns in the place of this file. */
export async function commandTable(): Promise<CommandTable> {
  return {
    program: entryOf(await wholeProgram(COMMANDS)),
    releases: RELEASE_NAMES,
    scenarios: SCENARIO_NAMES,
    listFields: STATS_FIELD_NAMES,
    statusFields: STATUS_FIELD_NAMES,
  };
}
