import { getEventListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import { RequestAbortedError } from "../../src/client/errors.js";
import type { TaskManagerClient, WaitOptions } from "../../src/client/task-manager.js";
import type { TaskStatus } from "../../src/client/wire.js";
import type { Clock } from "../../src/runtime/clock.js";
import { Deadline } from "../../src/waiting/deadline.js";
import { exitCodeOfOutcome, hasEnded, type Outcome } from "../../src/waiting/outcome.js";
import { waitForAll } from "../../src/waiting/wait-for-all.js";
import { broken, notFound, REQUEST, status } from "../waiting/stage.js";
import { eachSeed } from "./each-seed.js";

type State = "running" | "done" | "failed" | "forgotten";

/** What is true of the tasks; how it reaches those who wait is the scheduler's. */
interface Truth {
  readonly states: State[];
  isInterrupted: boolean;
}

interface Terms {
  readonly until: "all" | "any" | "failure";
  readonly maxConnections: number;
  readonly count: number;
}

/** One wait for many tasks, over a server whose every word takes as long as the scheduler likes. */
class Waiting {
  readonly truth: Truth;
  readonly told: Outcome[] = [];
  readonly interrupt = new AbortController();
  readonly result: Promise<Outcome[]>;
  troubles = 0;
  open = 0;
  mostOpen = 0;
  /** Polls that were opened after enough had ended. */
  late = 0;
  #elapsedMs = 0;
  readonly #polls = new Set<{ readonly task: number; end(answer: TaskStatus | Error): void }>();

  constructor(
    private readonly scheduler: fc.Scheduler,
    private readonly terms: Terms,
  ) {
    this.truth = { states: Array.from({ length: terms.count }, () => "running"), isInterrupted: false };
    const client = { waitTask: (id: string, options: WaitOptions) => this.#poll(Number(id), options) };
    const targets = this.truth.states.map((_, task) => ({
      id: String(task),
      client: client as unknown as TaskManagerClient,
      reached: true,
    }));
    const clock = this.#clock();
    this.result = waitForAll(targets, {
      ...terms,
      clock,
      deadline: new Deadline(clock, undefined),
      retryForMs: Number.MAX_SAFE_INTEGER,
      signal: this.interrupt.signal,
      onTrouble: () => {
        this.troubles++;
      },
      onOutcome: (outcome) => this.told.push(outcome),
    });
    this.result.catch(() => {});
  }

  /** Whether no more is to be waited for. */
  get isEnough(): boolean {
    const { until } = this.terms;
    if (until === "all") return false;
    return this.told.some((outcome) => (until === "any" ? hasEnded(outcome) : exitCodeOfOutcome(outcome) !== 0));
  }

  set(task: number, state: State): void {
    this.truth.states[task] = state;
    // A node forgets what runs only when it restarts.
    this.#answer(task, state === "forgotten" ? broken() : { id: String(task), state });
  }

  breakConnections(): void {
    for (const { task } of [...this.#polls]) this.#answer(task, broken());
  }

  #answer(task: number, answer: TaskStatus | Error): void {
    for (const poll of [...this.#polls]) {
      if (poll.task !== task) continue;
      this.#polls.delete(poll);
      void this.scheduler.schedule(Promise.resolve(), `task ${task} answers`).then(() => poll.end(answer));
    }
  }

  #poll(task: number, { signal, timeoutSeconds }: WaitOptions): Promise<TaskStatus> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new RequestAbortedError(REQUEST, signal.reason));
      if (this.isEnough) this.late++;
      this.mostOpen = Math.max(this.mostOpen, ++this.open);
      const end = (answer: TaskStatus | Error) => {
        if (!isOpen) return;
        isOpen = false;
        this.open--;
        this.#polls.delete(poll);
        signal?.removeEventListener("abort", abort);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      let isOpen = true;
      const poll = { task, end };
      const abort = () => end(new RequestAbortedError(REQUEST, signal?.reason));
      signal?.addEventListener("abort", abort);
      this.#polls.add(poll);
      const state = this.truth.states[task] as State;
      if (state !== "running") this.#answer(task, state === "forgotten" ? notFound() : { id: String(task), state });
      else if (timeoutSeconds !== undefined) this.#answer(task, status(408, "timedout"));
    });
  }

  #clock(): Clock {
    return {
      now: () => this.#elapsedMs,
      monotonic: () => this.#elapsedMs,
      sleep: async (ms, signal) => {
        await this.scheduler.schedule(Promise.resolve(), `slept ${ms} ms`);
        this.#elapsedMs += ms;
        signal?.throwIfAborted();
      },
    };
  }
}

type Command = fc.AsyncCommand<Truth, Waiting>;

class Change implements Command {
  constructor(
    private readonly task: number,
    private readonly state: State,
  ) {}

  check({ states }: Truth): boolean {
    const now = states[this.task];
    return now === "running" || (this.state === "forgotten" && (now === "done" || now === "failed"));
  }

  async run(_model: Truth, waiting: Waiting): Promise<void> {
    waiting.set(this.task, this.state);
  }

  toString(): string {
    return `${this.state}(${this.task})`;
  }
}

class Break implements Command {
  check(): boolean {
    return true;
  }

  async run(_model: Truth, waiting: Waiting): Promise<void> {
    waiting.breakConnections();
  }

  toString(): string {
    return "Break";
  }
}

class Interrupt implements Command {
  check({ isInterrupted }: Truth): boolean {
    return !isInterrupted;
  }

  async run(model: Truth, { interrupt }: Waiting): Promise<void> {
    model.isInterrupted = true;
    interrupt.abort();
  }

  toString(): string {
    return "Interrupt";
  }
}

const MOST_TASKS = 5;
const change = (states: readonly State[]) =>
  fc.tuple(fc.nat(MOST_TASKS - 1), fc.constantFrom(...states)).map(([task, state]): Command => new Change(task, state));
const commands = fc.commands(
  [
    change(["done", "failed"]),
    change(["done", "failed", "forgotten"]),
    fc.constant<Command>(new Break()),
    fc.constant<Command>(new Interrupt()),
  ],
  { maxCommands: 12 },
);
const terms = fc.record({
  until: fc.constantFrom("all" as const, "any" as const, "failure" as const),
  maxConnections: fc.integer({ min: 1, max: 3 }),
  count: fc.integer({ min: 1, max: MOST_TASKS }),
});

/** What must be true of a wait that is over. */
function check({ truth, told, ...waiting }: Waiting, outcomes: readonly Outcome[], { until, count }: Terms): void {
  const numbers = outcomes.map(({ id }) => Number(id));
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect([...told].sort((a, b) => Number(a.id) - Number(b.id))).toEqual(outcomes);
  for (const outcome of outcomes) {
    const state = truth.states[Number(outcome.id)];
    if (outcome.kind === "unknown") expect(outcome).toMatchObject({ isGone: true });
    // What was said before the server forgot it was true.
    if (outcome.kind === "unknown" || state === "forgotten") expect(state).toBe("forgotten");
    else expect(outcome.kind).toBe(state);
  }
  const isLast = (outcome: Outcome) =>
    until === "any" ? hasEnded(outcome) : until === "failure" && exitCodeOfOutcome(outcome) !== 0;
  const last = told.filter(isLast);
  expect(last.length).toBeLessThanOrEqual(1);
  if (last.length === 1) expect(told.at(-1)).toBe(last[0]);
  else expect(outcomes).toHaveLength(count);
  expect(waiting.late).toBe(0);
}

const seeds = inject("model");
const HOURS = 3_600_000;

describe("waits for many tasks, whatever comes first", () => {
  it(`keep their promises, in ${seeds.seeds} histories`, { timeout: 10 * HOURS }, async () => {
    const property = fc.asyncProperty(fc.scheduler(), terms, commands, async (scheduler, wanted, steps) => {
      const waiting = new Waiting(scheduler, wanted);
      await fc.scheduledModelRun(scheduler, () => ({ model: waiting.truth, real: waiting }), steps);
      // Whatever runs still, ends.
      for (const [task, state] of waiting.truth.states.entries()) if (state === "running") waiting.set(task, "done");
      const ended = await scheduler.waitFor(waiting.result.catch((error: unknown) => error as Error));
      if (ended instanceof Error) {
        expect(["RequestAbortedError", "AbortError"]).toContain(ended.name);
        expect(waiting.truth.isInterrupted).toBe(true);
      } else check(waiting, ended, wanted);
      await scheduler.waitIdle();
      expect(waiting.open).toBe(0);
      expect(waiting.mostOpen).toBeLessThanOrEqual(wanted.maxConnections);
      expect(waiting.troubles).toBeLessThanOrEqual(1);
      expect(getEventListeners(waiting.interrupt.signal, "abort")).toHaveLength(0);
    });
    await eachSeed(seeds, (seed) => `MODEL_SEED=${seed} MODEL_SEEDS=1 npm run model`, property);
  });
});
