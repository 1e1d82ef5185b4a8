import { readId, readTaskStatus } from "../client/wire.js";
import { JOURNAL_VERSION, type JournalLine } from "./journal-line.js";

/** A line is not from a journal: it is damaged, or another program wrote it. */
export class UnreadableLineError extends Error {
  override readonly name = "UnreadableLineError";
}

/** The journal has a later version of the format. */
export class NewerJournalError extends Error {
  override readonly name = "NewerJournalError";
}

type Fields = Readonly<Record<string, unknown>>;

/** What each event must have besides its time. Events that are not in this table are left out. */
const CHECKS: ReadonlyMap<string, (line: Fields) => void> = new Map<JournalLine["event"], (line: Fields) => void>([
  ["segment_started", checkStart],
  ["task_seen", checkSeen],
  ["task_progress", checkProgress],
  ["task_changed", checkChanged],
  ["task_ended", checkEnded],
  ["task_gone", checkGone],
  ["node_lost", checkLost],
  ["node_back", checkNode],
  ["gap", checkGap],
  ["watched", () => {}],
  ["recording_stopped", () => {}],
]);

/**
 * Checks what `JSON.parse` returned for a line. The fields of tasks are checked as in a server's answer.
 * @returns `undefined` for an event that this version does not know
 * @throws UnreadableLineError, NewerJournalError
 */
export function readLine(value: unknown): JournalLine | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail("it is not an object");
  const line = value as Fields;
  if (typeof line.event !== "string") fail("it has no event");
  checkTime(line, "at");
  const check = CHECKS.get(line.event);
  if (check === undefined) return undefined;
  check(line);
  return value as JournalLine;
}

function fail(reason: string): never {
  throw new UnreadableLineError(reason);
}

/** The time of a line, in milliseconds since the epoch. */
export const timeOfLine = (time: string): number => Date.parse(time);

/** The only form that a recorder writes. Such times can be compared as strings. */
const TIME = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d\.\d{3}Z$/;

function checkTime(line: Fields, name: string): void {
  const time = line[name];
  if (typeof time !== "string" || !TIME.test(time)) fail(`${name} is not a time`);
}

function checkText(line: Fields, name: string): void {
  if (typeof line[name] !== "string") fail(`${name} is not a string`);
}

function checkNumber(line: Fields, name: string): void {
  if (!Number.isFinite(line[name])) fail(`${name} is not a number`);
}

function checkAmount(line: Fields, name: string): void {
  const amount = line[name];
  if (typeof amount !== "number" || !(amount >= 0 && Number.isFinite(amount)))
    fail(`${name} is not a non-negative number`);
}

function checkStart(line: Fields): void {
  checkAmount(line, "version");
  if ((line.version as number) > JOURNAL_VERSION) {
    throw new NewerJournalError(
      `it has format version ${line.version}, and this version of tasks reads versions up to ${JOURNAL_VERSION}`,
    );
  }
  checkAmount(line, "tick_seconds");
  if (!Array.isArray(line.nodes) || line.nodes.some((node) => typeof node !== "string"))
    fail("nodes are not addresses");
}

function checkTask(line: Fields): void {
  if (typeof line.id !== "string") fail("id is not a string");
  checked(() => readId(line.id as string, () => "id"));
  if (line.node !== null && typeof line.node !== "string") fail("node is not an address");
}

function checkStatus(line: Fields): void {
  checked(() => readTaskStatus(line.task, () => "task"));
}

/** Reports what is wrong with a task as the client does for a server's answer. */
function checked(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw new UnreadableLineError((error as Error).message);
  }
}

function checkSeen(line: Fields): void {
  checkTask(line);
  checkText(line, "module");
  if (line.within_ms !== undefined) checkAmount(line, "within_ms");
  checkStatus(line);
}

function checkProgress(line: Fields): void {
  checkTask(line);
  checkNumber(line, "completed");
  checkNumber(line, "total");
}

function checkChanged(line: Fields): void {
  checkTask(line);
  checkStatus(line);
}

function checkEnded(line: Fields): void {
  checkTask(line);
  checkStatus(line);
  checkAmount(line, "within_ms");
}

function checkGone(line: Fields): void {
  checkTask(line);
  checkAmount(line, "within_ms");
}

function checkNode(line: Fields): void {
  checkText(line, "node");
}

function checkLost(line: Fields): void {
  checkNode(line);
  checkText(line, "reason");
}

function checkGap(line: Fields): void {
  checkTime(line, "from");
  checkTime(line, "to");
}
