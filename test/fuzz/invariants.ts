import { parseAllDocuments, parse as parseYaml } from "yaml";
import { readCsv } from "../fixtures/format-readers.js";
import { readMetrics } from "../fixtures/metrics-text.js";
import type { Run } from "../fixtures/run-tasks.js";
import type { FuzzedCommand } from "./commands.js";
import { TOKEN } from "./mutations.js";

/** What the server sent in answer to one request, and how. */
export interface Sent {
  readonly target: string;
  readonly method: string;
  readonly status: number;
  readonly text: string;
}

const FORMS_OF_TOKEN = [
  TOKEN,
  JSON.stringify(TOKEN).slice(1, -1),
  encodeURIComponent(TOKEN),
  Buffer.from(TOKEN).toString("base64"),
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
const RAW_CONTROLS = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
/** The only escape sequences that are the program's own: colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
const COLOURS = /\u001b\[[0-9;]*m/g;
const STACK_TRACE = /^\s+at .+(:\d+:\d+\)?|<anonymous>\)?)$/m;
const ID_FORM = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/;
const NIL = "00000000-0000-0000-0000-000000000000";
const LARGEST_MESSAGE = 64 * 1024;

/** Names of what a run did wrong; none where all promises were kept. */
export function brokenPromises(
  command: FuzzedCommand,
  format: readonly string[],
  { code, stdout, stderr }: Run,
  sent: readonly Sent[],
): string[] {
  const broken: string[] = [];
  const mustNot = (name: string, isBroken: boolean) => {
    if (isBroken) broken.push(name);
  };
  mustNot(`exit code ${code} is not documented for it`, !command.exits.includes(code ?? -1));
  mustNot("stack trace", STACK_TRACE.test(stderr) || STACK_TRACE.test(stdout));
  mustNot(
    "JavaScript shines through",
    /\[object Object\]|is not a function|Cannot read prop|undefined is not/.test(stderr),
  );
  mustNot("raw characters on stderr", RAW_CONTROLS.test(stderr) || stderr.replace(COLOURS, "").includes("\u001b"));
  mustNot("endless message", stderr.length > LARGEST_MESSAGE);
  // A report of several nodes says in its rows what failed.
  const kind = command.prints ?? (format[0] === "-o" ? format[1] : format[0] === "--color" ? "view" : "table");
  const isForPeople = kind === "table" || kind === "view" || kind === "plugin";
  const isSaid = kind === "plugin" ? stdout !== "" : stderr !== "" || /error/.test(stdout);
  mustNot("no message for a failure", ![0, 1, 123, 124].includes(code ?? -1) && !isSaid);
  mustNot(
    "secret",
    FORMS_OF_TOKEN.some((form) => stderr.includes(form) || (isForPeople && stdout.includes(form))),
  );
  if (isForPeople) {
    mustNot("raw characters on stdout", RAW_CONTROLS.test(stdout) || stdout.replace(COLOURS, "").includes("\u001b"));
  }
  // What failed midway has said so by its exit code; what is presented as whole must be readable.
  if ([0, 3, 123].includes(code ?? -1) || kind === "plugin")
    mustNot(`${kind} cannot be read back`, !isReadable(kind ?? "", stdout));
  if (command.promise === "done" && code === 0) {
    mustNot("false success of a wait", !saidDone(sent, command.args[0] === "wait" && stdout === ""));
  }
  if (command.promise === "started" && code === 0) mustNot("false success of a start", !gaveId(sent));
  return broken;
}

function isReadable(kind: string, stdout: string): boolean {
  try {
    switch (kind) {
      case "json":
        if (stdout !== "") JSON.parse(stdout);
        return true;
      case "ndjson":
        for (const line of stdout.split("\n")) if (line !== "") JSON.parse(line);
        return true;
      case "yaml":
        if (stdout.startsWith("---") || stdout.includes("\n---\n")) {
          return parseAllDocuments(stdout).every((document) => !("errors" in document) || document.errors.length === 0);
        }
        parseYaml(stdout);
        return true;
      case "csv": {
        const [titles, ...rows] = readCsv(stdout);
        return rows.every((row) => row.length === titles?.length);
      }
      case "metrics":
        readMetrics(stdout);
        return true;
      case "plugin":
        // One line, and the performance data behind the only bar.
        return /^TASKS (OK|WARNING|CRITICAL|UNKNOWN) - [^\n|]+( \| '[^\n|]+)?\n$/.test(stdout);
      case "name":
        return stdout.split("\n").every((line) => line === "" || !line.startsWith("-"));
      default:
        return true;
    }
  } catch {
    return false;
  }
}

/** nodetool-tasks: 0 only where an answer of 200 says `done` of the task; one exception is an empty object. */
/** @param mayBeEmpty whether `{}` is taken for an end, as by nodetool (nodetool-tasks: wait) */
function saidDone(sent: readonly Sent[], mayBeEmpty: boolean): boolean {
  return sent.some(({ target, status, text }) => {
    if (status !== 200 || !/^\/task_manager\/(wait_task|task_status)\//.test(target)) return false;
    const asked = target.split("?")[0]?.split("/").at(-1);
    try {
      const { id, state } = JSON.parse(text);
      if (state === "done" && String(id).replaceAll("-", "").toLowerCase() === asked?.replaceAll("-", "")) return true;
      return mayBeEmpty && text.trim() === "{}";
    } catch {
      return false;
    }
  });
}

function gaveId(sent: readonly Sent[]): boolean {
  return sent.some(({ target, status, text }) => {
    if (status !== 200 || !target.startsWith("/tasks/")) return false;
    try {
      const id: unknown = JSON.parse(text);
      return typeof id === "string" && (ID_FORM.test(id) || id === NIL);
    } catch {
      return false;
    }
  });
}
