import { isRefusal, isRequestFailure } from "../client/errors.js";
import { EXIT, type ExitCode, exitCodeOfState } from "../exit-codes.js";
import { batch, collectRows, namesOf, type Report } from "../format/reports/report.js";
import { jsonText } from "../format/text/json-text.js";
import type { Nodes } from "../nodes/nodes.js";
import { printMessage } from "../runtime/messages.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import { secondText } from "../strings/time-text.js";
import { fieldReader } from "../tasks/fields.js";
import type { JsonRecord } from "../tasks/record.js";
import { UsageError } from "../usage-error.js";
import { FINISHED_STATES } from "../vocabulary.js";
import { changesBetween, eventLine, type Rows, rowsById, type WatchEvent } from "./changes.js";

/** How often a watch looks, and how it ends. */
export interface WatchOptions {
  readonly intervalMs: number;
  /** Whether the exit code depends on how the shown task ended. */
  readonly exitStatus: boolean;
}

/** Where reports come from, nodes or a journal, and what is missing. */
export type WatchedSource = Pick<Nodes, "startRound" | "forgetMissing" | "leftOut" | "known" | "unanswered">;

/** What is watched. */
export interface Watched<T> {
  /** Reads it again; never unregisters a task. */
  look(): Promise<Report<T>>;
  /** After a look, the state of the only task; `undefined` if there are several. */
  state?(): string | undefined;
  /** If a look takes much work: the pause is at least this many times as long as the look. */
  readonly rest?: number;
}

/** In a pipe, how often a line is printed if nothing changes. */
const HEARTBEAT_MS = 60_000;

/**
 * Shows a report again and again: on a terminal each replaces the one before, in a pipe each change is a line. Ends when the shown
 * task has ended, or with the run.
 * @throws UsageError if the output cannot show changes; the error of the nodes if the first look fails
 */
export async function watch<T>(
  runtime: Runtime,
  source: WatchedSource,
  output: Output,
  options: WatchOptions,
  watched: Watched<T>,
): Promise<ExitCode | undefined> {
  const shown = output.isRedrawn ? new Redrawn<T>(output, options.intervalMs) : new Changes<T>(runtime, source, output);
  const { clock, interrupt } = runtime;
  let tookMs = 0;
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst) {
      await clock.sleep(Math.max(options.intervalMs, tookMs * (watched.rest ?? 0)), interrupt);
      // Each look finds out again what is missing.
      source.forgetMissing();
      await source.startRound({ forgetsEarlier: true });
    }
    const startedMs = clock.monotonic();
    let report: Report<T>;
    try {
      report = await whole(await watched.look());
    } catch (error) {
      if (isFirst || !isRequestFailure(error)) throw error;
      if (watched.state !== undefined && isRefusal(error)) {
        await printMessage(
          runtime,
          `${errorText(error)}\nthe task ended and was forgotten, or its node restarted: its outcome is unknown`,
        );
        return options.exitStatus ? EXIT.outcomeUnknown : EXIT.success;
      }
      // A server that restarts comes back, so the watch goes on.
      await shown.miss(errorText(error), clock.now());
      continue;
    }
    tookMs = clock.monotonic() - startedMs;
    const state = watched.state?.();
    const isLast = state !== undefined && FINISHED_STATES.has(state);
    await shown.show(report, { isLast, nowMs: clock.now(), leftOut: [...source.leftOut] });
    if (isLast) return options.exitStatus ? exitCodeOfState(state) : EXIT.success;
  }
}

/** Reads all rows of a report, so that an error comes before anything is shown. */
async function whole<T>(report: Report<T>): Promise<Report<T>> {
  const rows = await collectRows(report.rows);
  return { ...report, rows: batch(rows) };
}

interface Round {
  readonly isLast: boolean;
  readonly nowMs: number;
  readonly leftOut: readonly string[];
}

/** On a terminal. */
class Redrawn<T> {
  readonly #output: Output;
  readonly #every: string;
  #rows: readonly T[] = [];
  #report: Report<T> | undefined;

  constructor(output: Output, intervalMs: number) {
    this.#output = output;
    this.#every = `every ${intervalMs / 1000}s, Ctrl-C to quit`;
  }

  async show(report: Report<T>, { isLast, nowMs, leftOut }: Round): Promise<void> {
    this.#rows = await collectRows(report.rows);
    this.#report = report;
    await this.#print(isLast, nowMs, leftOut);
  }

  /** Keeps what is shown, and says that it is out of date. */
  async miss(reason: string, nowMs: number): Promise<void> {
    await this.#print(false, nowMs, [`no answer, showing the last known state: ${reason}`]);
  }

  async #print(isLast: boolean, nowMs: number, missing: readonly string[]): Promise<void> {
    if (this.#report === undefined) return;
    const headline = `${secondText(nowMs)}  ${isLast ? "ended" : this.#every}`;
    const report = { ...this.#report, rows: batch(this.#rows) };
    await this.#output.print(report, { isLast, headline, missing });
  }
}

/** In a pipe or a log, and for programs. */
class Changes<T> {
  readonly #runtime: Runtime;
  readonly #source: WatchedSource;
  readonly #output: Output;
  /** What was last known about each task, and the fields that matter. */
  #rows: Rows = new Map();
  #shown: Rows | undefined;
  #lost = new Map<string, string>();
  #saidMs = 0;

  constructor(runtime: Runtime, source: WatchedSource, output: Output) {
    const { format, sort, limit, count, nested } = output.options;
    if (format !== "table" && format !== "ndjson") {
      throw new UsageError(
        `--watch does not support -o ${format}: in a pipe it prints a line for each change, or JSON objects with -o ndjson`,
      );
    }
    const meaningless = sort !== undefined ? "--sort" : limit !== undefined ? "--limit" : count ? "--count" : undefined;
    if (meaningless !== undefined || nested) {
      throw new UsageError(`${meaningless ?? "--nested"} cannot be used with --watch in a pipe, which prints changes`);
    }
    this.#runtime = runtime;
    this.#source = source;
    this.#output = output;
  }

  async show(report: Report<T>, { nowMs }: Round): Promise<void> {
    const { fields } = this.#output.options;
    const readers = fields?.map(
      (name) => [name, fieldReader("--fields <fields>", name, namesOf(report), nowMs)] as const,
    );
    const records = (await collectRows(report.rows)).map((row) => report.record(row) as JsonRecord);
    const lost = new Map(this.#source.unanswered.map(({ node, reason }) => [node, reason]));
    const rows = new Map(rowsById(records));
    // If a node does not answer, its tasks are not gone, but unknown.
    for (const [id, row] of this.#rows) if (!rows.has(id) && isOf(lost, row.node)) rows.set(id, row);
    const fieldsOf = (row: JsonRecord) => Object.fromEntries((readers ?? []).map(([name, read]) => [name, read(row)]));
    const shown = readers === undefined ? rows : new Map([...rows].map(([id, row]) => [id, fieldsOf(row)]));
    const at = secondText(nowMs);
    const events = [...this.#nodeEvents(lost, at), ...changesBetween(this.#shown, shown, at)];
    const before = this.#rows;
    this.#rows = rows;
    this.#shown = shown;
    await this.#say(events, (id) => rows.get(id) ?? before.get(id), nowMs);
  }

  async miss(reason: string, nowMs: number): Promise<void> {
    const lost = new Map(this.#source.known.map(({ address }) => [address, reason]));
    await this.#say([...this.#nodeEvents(lost, secondText(nowMs))], () => undefined, nowMs);
  }

  *#nodeEvents(lost: Map<string, string>, at: string): Generator<WatchEvent> {
    for (const [node, reason] of lost) if (!this.#lost.has(node)) yield { at, event: "node_lost", node, reason };
    for (const node of this.#lost.keys()) if (!lost.has(node)) yield { at, event: "node_back", node };
    this.#lost = lost;
  }

  async #say(events: WatchEvent[], rowOf: (id: string) => JsonRecord | undefined, nowMs: number): Promise<void> {
    const { stdout } = this.#runtime;
    if (events.length === 0 && nowMs - this.#saidMs >= HEARTBEAT_MS) {
      const unanswered = [...this.#lost.keys()];
      events.push({ at: secondText(nowMs), event: "heartbeat", tasks: this.#rows.size, unanswered });
    }
    if (events.length === 0) return;
    this.#saidMs = nowMs;
    const isText = this.#output.options.format === "table";
    for (const event of events) {
      const line = isText ? eventLine(event, "id" in event ? rowOf(event.id) : undefined) : jsonText(event);
      await stdout.write(`${line}\n`);
    }
  }
}

/** A cluster task belongs to no single node: if one does not answer, the others still list it. */
const isOf = (lost: ReadonlyMap<string, string>, node: unknown) => typeof node === "string" && lost.has(node);
