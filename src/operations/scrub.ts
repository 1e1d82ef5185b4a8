import { QUARANTINE_MODES, SCRUB_MODES } from "../client/operations.js";
import { UsageError } from "../usage-error.js";
import { flag, keyspaceAndTables, needs, text } from "./given.js";
import { compactionOf, KEYSPACE_AND_TABLES } from "./keyspace-work.js";
import type { Given, Operation, Planning } from "./operation.js";

/** Options that not every release has, with the parameter of each and the mode that it needs. */
const LATER = [
  {
    name: "dropUnfixableSstables",
    flags: "--drop-unfixable-sstables",
    description: "with --scrub-mode SEGREGATE: drop sstables that cannot be repaired",
    parameter: "drop_unfixable_sstables",
    mode: "SEGREGATE",
    since: "2026.1",
  },
  {
    name: "quarantineInvalidSstables",
    flags: "--quarantine-invalid-sstables",
    description: "with --scrub-mode VALIDATE: move invalid sstables to quarantine",
    parameter: "quarantine_invalid_sstables",
    mode: "VALIDATE",
    since: "2026.4",
  },
] as const;

export const scrub: Operation = {
  name: "scrub",
  summary: "check sstables, and rewrite those that are damaged",
  usage: "<keyspace> [table...]",
  positionals: KEYSPACE_AND_TABLES,
  options: [
    { flags: "--scrub-mode <mode>", description: "what to do with damaged data", words: SCRUB_MODES },
    {
      flags: "--quarantine-mode <mode>",
      description: "whether to scrub sstables in quarantine",
      words: QUARANTINE_MODES,
    },
    { flags: "--skip-corrupted", description: "skip corrupted partitions" },
    { flags: "--disable-snapshot", description: "do not take a snapshot first" },
    ...LATER.map(({ flags, description }) => ({ flags, description })),
  ],
  async plan(planning, given) {
    const { keyspace, tables } = keyspaceAndTables(given);
    const scrubMode = text(given, "scrubMode") as (typeof SCRUB_MODES)[number] | undefined;
    const skipCorrupted = flag(given, "skipCorrupted");
    await checkLater(planning, given, scrubMode ?? (skipCorrupted ? "SKIP" : "VALIDATE"));
    const options = {
      tables,
      disableSnapshot: flag(given, "disableSnapshot"),
      skipCorrupted,
      scrubMode,
      quarantineMode: text(given, "quarantineMode") as (typeof QUARANTINE_MODES)[number] | undefined,
      dropUnfixableSstables: flag(given, "dropUnfixableSstables"),
      quarantineInvalidSstables: flag(given, "quarantineInvalidSstables"),
    };
    return [compactionOf(keyspace, tables, (client, call) => client.startScrub(keyspace, { ...call, ...options }))];
  },
};

async function checkLater(planning: Planning, given: Given, mode: string): Promise<void> {
  for (const { name, flags, parameter, mode: needed, since } of LATER) {
    if (flag(given, name) !== true) continue;
    if (mode !== needed) throw new UsageError(`option '${flags}' needs --scrub-mode ${needed}, not ${mode}`);
    await needs(planning, `option '${flags}'`, since, ({ scrubParameters }) => scrubParameters.includes(parameter));
  }
}
