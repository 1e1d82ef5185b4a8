import { OUTPUT_FORMATS } from "../../src/format/formats.js";
import { TASK_ID } from "./answers.js";

/** A command line that a case runs, and what of it a case can hold against the server. */
export interface FuzzedCommand {
  readonly args: readonly string[];
  /** The exit codes that its documentation allows. */
  readonly exits: readonly number[];
  readonly takesFormats: boolean;
  /** What it prints in any case, where it takes no formats. */
  readonly prints?: "ndjson" | "metrics" | "plugin";
  /** It goes on until it is interrupted: after this many requests. */
  readonly requests?: number;
  /** `wait`: 0 only where the server said `done`. `start`: 0 only where the server gave an id. */
  readonly promise?: "done" | "started";
}

const ASKS = [0, 2, 3, 4];
const WAITS = [0, 2, 3, 4, 123, 124, 125];

const command = (line: string, exits: readonly number[], more: Partial<FuzzedCommand> = {}): FuzzedCommand => ({
  args: line.split(" "),
  exits,
  takesFormats: true,
  ...more,
});

export const COMMANDS: readonly FuzzedCommand[] = [
  command("modules", ASKS),
  command("list compaction", ASKS),
  command("list compaction --internal --sort -start_time --state !done", ASKS),
  command("list --all --older-than 1s", ASKS),
  command("list compaction --count", ASKS),
  command(`status ${TASK_ID}`, ASKS),
  command(`tree ${TASK_ID}`, ASKS),
  command("tree", ASKS),
  command(`explain ${TASK_ID}`, ASKS),
  command(`wait ${TASK_ID} --retry-for 2s`, WAITS, { promise: "done" }),
  command(`wait ${TASK_ID} --timeout 5s --retry-for 1s --progress plain`, WAITS, { promise: "done" }),
  command("wait --module compaction --retry-for 1s", WAITS),
  command("start compaction shop", WAITS, { promise: "started" }),
  command("start cleanup shop orders --wait --retry-for 1s", WAITS),
  // Without a format of documents: nodetool's abort prints nothing.
  command(`abort ${TASK_ID}`, ASKS, { takesFormats: false }),
  command(`abort --strict --wait ${TASK_ID} --retry-for 1s`, [0, 1, 2, 3, 4, 125], { takesFormats: false }),
  command("ttl", ASKS),
  command("ttl --set 60", ASKS, { takesFormats: false }),
  command("user-ttl", ASKS),
  command("drain", ASKS, { takesFormats: false }),
  command("doctor", [0, 1], {}),
  command("version", ASKS),
  command(`timeline ${TASK_ID}`, ASKS),
  command(`timeline ${TASK_ID} --by table --max-lanes 5`, ASKS),
  command("check --older-than 1s --failed-within 1h --idle --warning 0 --critical 5", [0, 1, 2, 3], {
    takesFormats: false,
    prints: "plugin",
  }),
  command("metrics --once", ASKS, { takesFormats: false, prints: "metrics" }),
  command("record --stdout --tick 100ms --quiet", ASKS, { takesFormats: false, prints: "ndjson", requests: 12 }),
];

/** How a command prints: piped, as each document, and as a terminal shows it. */
export const FORMATS: readonly (readonly string[])[] = [
  [],
  ...OUTPUT_FORMATS.filter((format) => format !== "table").map((format) => ["-o", format]),
  ["--color", "always"],
];
