import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect } from "vitest";
import { ManualClock } from "../../src/mock/domain/clock.js";
import { TaskNotAbortable, TaskNotFound, WaitTimedOut } from "../../src/mock/domain/errors.js";
import type { Node } from "../../src/mock/domain/node.js";
import type { ShownTask } from "../../src/mock/domain/shown-task.js";
import type { Task } from "../../src/mock/domain/task.js";
import { TaskManager } from "../../src/mock/domain/task-manager.js";
import { releaseOf } from "../../src/mock/releases.js";
import { type ModelTask, type NodeModel, outcomeOf, type Shape } from "./node-model.js";

const MODULES = ["compaction", "repair", "node_ops"];
const SHARDS = 2;

/** The mock's task manager, with the handles of all that was done to it, in the order of the model's. */
export class Subject {
  readonly clock = new ManualClock();
  readonly node: Node;
  readonly operation: Task;
  readonly tasks: Task[] = [];
  readonly waits: { answer: string | undefined; readonly leave: AbortController }[] = [];

  constructor(release: string) {
    const manager = new TaskManager({
      clock: this.clock,
      release: releaseOf(release),
      nodes: [{ address: "127.0.0.1", hostId: "host", datacenter: "dc1", rack: "r1", shards: SHARDS }],
      ttlSeconds: 0,
      userTtlSeconds: 3600,
    });
    this.node = manager.nodes[0] as Node;
    this.operation = manager.createClusterTask("node_ops", { id: "operation", type: "rebuild", scope: "cluster" });
    this.operation.start();
  }

  /** Lets those who wait hear of what has happened. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
}

type Command = fc.AsyncCommand<NodeModel, Subject>;

/** A command on the mock and on the model, after which all that can be seen of both is the same. */
abstract class Step implements Command {
  check(_model: Readonly<NodeModel>): boolean {
    return true;
  }

  async run(model: NodeModel, subject: Subject): Promise<void> {
    this.act(model, subject);
    await subject.settle();
    compare(model, subject);
  }

  protected abstract act(model: NodeModel, subject: Subject): void;
  abstract toString(): string;
}

/** A step on one task: mostly on one that has not ended. */
abstract class TaskStep extends Step {
  constructor(private readonly choice: number) {
    super();
  }

  override check({ tasks }: Readonly<NodeModel>): boolean {
    return tasks.length > 0;
  }

  protected override act(model: NodeModel, subject: Subject): void {
    const unfinished = model.tasks.filter(({ state }) => state === "created" || state === "running");
    const from = [...unfinished, ...unfinished, ...unfinished, ...model.tasks];
    const chosen = from[this.choice % from.length] as ModelTask;
    this.actOn(chosen, subject.tasks[model.tasks.indexOf(chosen)] as Task, model, subject);
  }

  protected abstract actOn(modelled: ModelTask, task: Task, model: NodeModel, subject: Subject): void;

  toString(): string {
    return `${this.constructor.name}(${this.choice})`;
  }
}

interface Wishes {
  readonly module: string;
  readonly shard: number;
  /** Which of the tasks, or the cluster task; none makes a root. */
  readonly parent: number | "cluster" | undefined;
  readonly isUserTask: boolean;
  readonly isAbortable: boolean;
  readonly isStartedInternally: boolean;
  readonly noticesAbortLate: boolean;
  readonly isQueued: boolean;
}

class Register extends Step {
  constructor(private readonly wishes: Wishes) {
    super();
  }

  protected override act(model: NodeModel, subject: Subject): void {
    const { parent: choice, isQueued, ...wishes } = this.wishes;
    // A child is made under what can be found.
    const found = model.tasks.filter(({ isRegistered }) => isRegistered);
    const modelParent = typeof choice === "number" ? found[choice % found.length] : choice;
    const parent =
      modelParent === "cluster"
        ? subject.operation
        : modelParent && (subject.tasks[model.tasks.indexOf(modelParent)] as Task);
    const module = typeof modelParent === "object" ? modelParent.module : wishes.module;
    const id = `task-${model.tasks.length}`;
    // Most children are of the server's making; what a user starts has no parent.
    const spec = { ...wishes, id, module, isUserTask: wishes.isUserTask && modelParent === undefined };
    const task = subject.node.module(module).create({ ...spec, type: "test", scope: "test", parent });
    subject.tasks.push(task);
    const modelled = model.create({ ...spec, parent: modelParent });
    if (isQueued) return;
    task.start();
    model.start(modelled);
  }

  toString(): string {
    return `Register(${JSON.stringify(this.wishes)})`;
  }
}

class Start extends TaskStep {
  protected actOn(modelled: ModelTask, task: Task, model: NodeModel): void {
    task.start();
    model.start(modelled);
  }
}

class Finish extends TaskStep {
  protected actOn(modelled: ModelTask, task: Task, model: NodeModel): void {
    task.finish();
    model.finish(modelled);
  }
}

class Fail extends TaskStep {
  protected actOn(modelled: ModelTask, task: Task, model: NodeModel): void {
    task.fail("std::runtime_error (boom)");
    model.fail(modelled, "std::runtime_error (boom)");
  }
}

class Report extends TaskStep {
  constructor(
    choice: number,
    private readonly figures: { readonly completed: number; readonly total: number },
  ) {
    super(choice);
  }

  protected actOn(modelled: ModelTask, task: Task, model: NodeModel): void {
    task.reportProgress(this.figures.completed, this.figures.total);
    model.report(modelled, this.figures);
  }
}

class Expect extends TaskStep {
  /** semantics 7 tells of the expectations of tasks with children; those of compactions are a matter of the release. */
  protected actOn(modelled: ModelTask, task: Task, model: NodeModel): void {
    if (modelled.children.length === 0 || modelled.module === "compaction") return;
    task.expectTotal(100);
    model.expect(modelled, 100);
  }
}

class Abort extends TaskStep {
  protected actOn(modelled: ModelTask, task: Task, model: NodeModel, { node }: Subject): void {
    const abort = () => node.abort(task.id);
    if (!modelled.isRegistered) expect(abort).toThrow(TaskNotFound);
    else if (model.abort(modelled)) abort();
    else expect(abort).toThrow(TaskNotAbortable);
  }
}

class Wait extends TaskStep {
  constructor(
    choice: number,
    private readonly timeoutSeconds: number | undefined,
  ) {
    super(choice);
  }

  protected actOn(modelled: ModelTask, task: Task, model: NodeModel, { node, waits }: Subject): void {
    const { timeoutSeconds } = this;
    const leave = new AbortController();
    const wait: Subject["waits"][number] = { answer: undefined, leave };
    waits.push(wait);
    const timeoutMs = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000;
    node.wait(task.id, { timeoutMs, signal: leave.signal }).then(
      (view) => {
        wait.answer = outcomeOf(view);
      },
      (error: unknown) => {
        wait.answer =
          error instanceof WaitTimedOut ? "timed out" : error instanceof TaskNotFound ? "not found" : "gave up";
      },
    );
    model.wait(modelled, timeoutSeconds);
  }
}

/** One of those who wait goes away. */
class GiveUp extends Step {
  constructor(private readonly choice: number) {
    super();
  }

  override check({ waits }: Readonly<NodeModel>): boolean {
    return waits.some(({ answer }) => answer === undefined);
  }

  protected override act(model: NodeModel, subject: Subject): void {
    const waiting = model.waits.filter(({ answer }) => answer === undefined);
    const chosen = waiting[this.choice % waiting.length];
    if (chosen === undefined) return;
    subject.waits[model.waits.indexOf(chosen)]?.leave.abort();
    model.giveUp(chosen);
  }

  toString(): string {
    return `GiveUp(${this.choice})`;
  }
}

class Look extends TaskStep {
  protected actOn(modelled: ModelTask, task: Task, model: NodeModel, { node }: Subject): void {
    const { isRegistered } = modelled;
    model.look(modelled);
    if (isRegistered) expect(node.status(task.id)).toBe(task);
    else expect(() => node.status(task.id)).toThrow(TaskNotFound);
  }
}

class LookAtTree extends TaskStep {
  protected actOn(modelled: ModelTask, task: Task, model: NodeModel, { node }: Subject): void {
    const ids = modelled.isRegistered ? idsIn(model.shape(modelled)) : undefined;
    model.look(modelled);
    if (ids === undefined) expect(() => node.recursiveStatus(task.id)).toThrow(TaskNotFound);
    else
      expect(
        node
          .recursiveStatus(task.id)
          .map(({ id }) => id)
          .sort(),
      ).toEqual(ids.sort());
  }
}

class Drain extends Step {
  constructor(private readonly module: string) {
    super();
  }

  protected override act(model: NodeModel, { node }: Subject): void {
    node.module(this.module).drain();
    model.drain(this.module);
  }

  toString(): string {
    return `Drain(${this.module})`;
  }
}

class SetTtl extends Step {
  constructor(
    private readonly which: "ttlSeconds" | "userTtlSeconds",
    private readonly seconds: number,
  ) {
    super();
  }

  protected override act(model: NodeModel, { node }: Subject): void {
    node[this.which] = this.seconds;
    model[this.which] = this.seconds;
  }

  toString(): string {
    return `SetTtl(${this.which}, ${this.seconds})`;
  }
}

class Advance extends Step {
  constructor(private readonly ms: number) {
    super();
  }

  protected override act(model: NodeModel, { clock }: Subject): void {
    clock.advance(this.ms);
    model.advance(this.ms);
  }

  toString(): string {
    return `Advance(${this.ms})`;
  }
}

/** All that anybody can see of the mock is what the model says. */
function compare(model: NodeModel, { tasks, node, waits }: Subject): void {
  const seen = (task: Task) => ({
    id: task.id,
    state: task.state,
    error: task.error,
    startMs: task.startTimeMs,
    endMs: task.endTimeMs,
    number: task.sequenceNumber,
    isInternal: task.isInternal,
    isFound: node.findOwn(task.id) === task,
    progress: task.progress,
    tree: sorted(shapeOf(task)),
  });
  const told = (task: ModelTask) => ({
    id: task.id,
    state: task.state,
    error: task.error,
    startMs: task.startMs,
    endMs: task.endMs,
    number: task.number,
    isInternal: task.isInternal,
    isFound: task.isRegistered,
    progress: model.progress(task),
    tree: sorted(model.shape(task)),
  });
  // What has left the lists and hangs on nothing that is in one, nobody can see.
  const isSeen = (task: ModelTask): boolean =>
    task.isRegistered || (typeof task.parent === "object" && !task.hasFolded && isSeen(task.parent));
  const visible = model.tasks.map(isSeen);
  same(tasks.filter((_, index) => visible[index]).map(seen), model.tasks.filter(isSeen).map(told));
  same(
    tasks.map(({ id }) => node.findOwn(id) !== undefined),
    model.tasks.map(({ isRegistered }) => isRegistered),
  );
  for (const module of MODULES) {
    for (const internal of [false, true]) {
      const listed = node.list(module, { internal }).filter(({ kind }) => kind === "node");
      same(listed.map(({ id }) => id).sort(), model.listed(module, internal).sort());
    }
  }
  same(
    waits.map(({ answer }) => answer),
    model.waits.map(({ answer }) => answer),
  );
  const finishedFirst = tasks.filter(({ children }) =>
    children.some((child, index) => isFinished(child) && children.slice(index).some((later) => !isFinished(later))),
  );
  same(finishedFirst.map(shapeOf), []);
}

const isFinished = ({ state }: ShownTask) => state === "done" || state === "failed";

/** As an expectation, at a fraction of its cost where it is met. */
function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

const shapeOf = (view: ShownTask): Shape => [view.id, view.state, view.children.map(shapeOf)];

const sorted = ([id, state, children]: Shape): Shape => [
  id,
  state,
  children.map(sorted).sort(([a], [b]) => (a < b ? -1 : 1)),
];

const idsIn = ([id, , children]: Shape): string[] => [id, ...children.flatMap(idsIn)];

const choice = fc.nat(1000);
const seconds = fc.constantFrom(0, 1, 10, 3600, 2 ** 32 - 1);
const often = (step: fc.Arbitrary<Command>) => [step, step, step];

export const domainCommands = fc.commands(
  [
    ...often(
      fc
        .record({
          module: fc.constantFrom(...MODULES),
          shard: fc.nat(SHARDS - 1),
          parent: fc.oneof(
            { weight: 4, arbitrary: choice },
            { weight: 2, arbitrary: fc.constant(undefined) },
            { weight: 1, arbitrary: fc.constant("cluster" as const) },
          ),
          isUserTask: fc.boolean(),
          isAbortable: fc.boolean(),
          isStartedInternally: fc.oneof(
            { weight: 1, arbitrary: fc.constant(true) },
            { weight: 5, arbitrary: fc.constant(false) },
          ),
          noticesAbortLate: fc.oneof(
            { weight: 1, arbitrary: fc.constant(true) },
            { weight: 4, arbitrary: fc.constant(false) },
          ),
          isQueued: fc.boolean(),
        })
        .map((wishes): Command => new Register(wishes)),
    ),
    ...often(choice.map((at): Command => new Finish(at))),
    choice.map((at): Command => new Fail(at)),
    choice.map((at): Command => new Start(at)),
    fc
      .tuple(choice, fc.record({ completed: fc.nat(50), total: fc.nat(100) }))
      .map(([at, figures]): Command => new Report(at, figures)),
    choice.map((at): Command => new Expect(at)),
    choice.map((at): Command => new Abort(at)),
    fc.tuple(choice, fc.option(seconds, { nil: undefined })).map(([at, s]): Command => new Wait(at, s)),
    choice.map((at): Command => new GiveUp(at)),
    choice.map((at): Command => new Look(at)),
    choice.map((at): Command => new LookAtTree(at)),
    fc.constantFrom(...MODULES).map((module): Command => new Drain(module)),
    fc
      .tuple(fc.constantFrom("ttlSeconds" as const, "userTtlSeconds" as const), seconds)
      .map(([which, s]): Command => new SetTtl(which, s)),
    fc.constantFrom(50, 100, 1000, 9900, 3_600_000, 5e12).map((ms): Command => new Advance(ms)),
  ],
  { maxCommands: 80, size: "max" },
);
