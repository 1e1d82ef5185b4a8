import fc from "fast-check";
import { expect } from "vitest";
import { ManualClock } from "../../src/mock/domain/clock.js";
import type { Task } from "../../src/mock/domain/task.js";
import { InProcessMock, type MockAnswer } from "../fixtures/in-process-mock.js";
import { type ModelTask, NodeModel, outcomeOf } from "./node-model.js";

const SHARDS = 2;

/** The test-task API as rest-api tells of it, over a model of the tasks themselves. */
export class TestApiModel extends NodeModel {
  /** Whether the module `test` is there; `closing` while its end waits for tasks that run. */
  module: "absent" | "registered" | "closing" = "absent";
  /** A task of another module, for children of it. */
  readonly root = this.create({
    id: "11111111-1111-4111-8111-111111111111",
    module: "compaction",
    shard: 1,
    parent: undefined,
    isUserTask: false,
    isAbortable: true,
    isStartedInternally: false,
    noticesAbortLate: false,
  });

  /** Once nothing runs any more, the module has gone. */
  closeIfPossible(): void {
    if (this.module === "closing" && !this.ofModule().some(isRunning)) this.module = "absent";
    if (this.module === "absent") for (const task of this.ofModule()) task.isRegistered = false;
  }

  /** What ends while the module goes, goes too. */
  protected override keptSeconds(task: ModelTask): number {
    return task.module === "test" && this.module === "closing" ? 0 : super.keptSeconds(task);
  }

  ofModule(): ModelTask[] {
    return this.tasks.filter(({ module }) => module === "test");
  }
}

const isRunning = ({ state }: ModelTask) => state === "running";

interface Pending {
  answer: MockAnswer | undefined;
}

/** The mock's HTTP interface without sockets. */
export class TestApiSubject {
  readonly waits: Pending[] = [];
  closing: Pending | undefined;
  private constructor(
    readonly clock: ManualClock,
    readonly mock: InProcessMock,
    readonly root: Task,
  ) {}

  static async start(release: string, { root }: TestApiModel): Promise<TestApiSubject> {
    const clock = new ManualClock();
    const mock = await InProcessMock.start({ clock, release, seed: 1, shards: SHARDS });
    const { id, module, shard, isAbortable } = root;
    const spec = { id, shard, isAbortable, type: "major compaction", scope: "keyspace" };
    const task = mock.node(0).module(module).create(spec);
    return new TestApiSubject(clock, mock, task);
  }

  async ask(request: string): Promise<{ status: number; text: string }> {
    const [method = "", path = ""] = request.split(" ");
    const { status, body } = await this.mock.send(0, method, path).answer;
    return { status, text: body.toString() };
  }

  /** Asks, and goes on before there is an answer. */
  open(request: string): Pending {
    const [method = "", path = ""] = request.split(" ");
    const pending: Pending = { answer: undefined };
    void this.mock.send(0, method, path).answer.then((answer) => {
      pending.answer = answer;
    });
    return pending;
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

type Command = fc.AsyncCommand<TestApiModel, TestApiSubject>;

abstract class Step implements Command {
  check({ module }: Readonly<TestApiModel>): boolean {
    return module !== "closing";
  }

  async run(model: TestApiModel, subject: TestApiSubject): Promise<void> {
    await this.act(model, subject);
    await subject.settle();
    model.closeIfPossible();
    await compare(model, subject);
  }

  protected abstract act(model: TestApiModel, subject: TestApiSubject): Promise<void>;
  abstract toString(): string;
}

class RegisterModule extends Step {
  protected override async act(model: TestApiModel, subject: TestApiSubject): Promise<void> {
    expect((await subject.ask("POST /task_manager_test/test_module")).status).toBe(200);
    model.module = "registered";
    model.countAfresh("test");
  }

  toString(): string {
    return "RegisterModule";
  }
}

class UnregisterModule extends Step {
  protected override async act(model: TestApiModel, subject: TestApiSubject): Promise<void> {
    const request = "DELETE /task_manager_test/test_module";
    if (model.module === "absent") {
      const text = '{"message": "std::runtime_error (module test not found)", "code": 500}';
      expect(await subject.ask(request)).toEqual({ status: 500, text });
      return;
    }
    subject.closing = subject.open(request);
    model.drain("test");
    model.module = "closing";
  }

  toString(): string {
    return "UnregisterModule";
  }
}

interface Wishes {
  readonly id: number;
  readonly shard: number;
  readonly parent: number | "root" | "unknown" | undefined;
  readonly isUserTask: boolean;
}

const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

class Create extends Step {
  constructor(private readonly wishes: Wishes) {
    super();
  }

  protected override async act(model: TestApiModel, subject: TestApiSubject): Promise<void> {
    const { shard, isUserTask, parent: wanted } = this.wishes;
    const id = idOf(this.wishes.id);
    const parent = this.#parentIn(model);
    const parentId = wanted === "unknown" ? idOf(999) : parent?.id;
    const query = [
      `task_id=${id}`,
      `shard=${shard}`,
      ...(isUserTask ? ["user_task=true"] : []),
      ...(parentId === undefined ? [] : [`parent_id=${parentId}`]),
    ];
    const { status, text } = await subject.ask(`POST /task_manager_test/test_task?${query.join("&")}`);
    const isTaken = model.tasks.some((task) => task.id === id && task.isRegistered);
    const isParentUnknown = parentId !== undefined && parent?.isRegistered !== true;
    if (model.module === "absent" || isTaken || shard >= SHARDS || isParentUnknown) {
      expect(status).toBe(500);
      return;
    }
    expect({ status, text }).toEqual({ status: 200, text: `"${id}"` });
    const spec = { id, module: "test", shard, parent, isUserTask, noticesAbortLate: true };
    model.start(model.create({ ...spec, isAbortable: false, isStartedInternally: false }));
  }

  #parentIn({ root, tasks }: TestApiModel): ModelTask | undefined {
    const { parent } = this.wishes;
    if (parent === "root") return root;
    const drawn = typeof parent === "number" ? tasks[parent % tasks.length] : undefined;
    // An id that is free again may have been given to another task since.
    return tasks.find(({ id, isRegistered }) => id === drawn?.id && isRegistered) ?? drawn;
  }

  toString(): string {
    return `Create(${JSON.stringify(this.wishes)})`;
  }
}

/** A step on the latest task of an id that may be known or not. */
abstract class IdStep extends Step {
  constructor(protected readonly id: number) {
    super();
  }

  protected taskIn(model: TestApiModel): ModelTask | undefined {
    return model.tasks.find((task) => task.id === idOf(this.id) && task.isRegistered);
  }

  toString(): string {
    return `${this.constructor.name}(${this.id})`;
  }
}

const notFound = (id: string) => ({
  status: 400,
  text: `{"message": "task with id ${id} not found", "code": 400}`,
});
const failed = (error: string) => ({ status: 500, text: `{"message": "${error}", "code": 500}` });
const nothing = { status: 200, text: "" };

class Finish extends IdStep {
  constructor(
    id: number,
    private readonly error: string | undefined,
  ) {
    super(id);
  }

  override check(): boolean {
    return true;
  }

  protected override async act(model: TestApiModel, subject: TestApiSubject): Promise<void> {
    const task = this.taskIn(model);
    const query = this.error === undefined ? "" : `?error=${this.error}`;
    const answer = await subject.ask(`POST /task_manager_test/finish_test_task/${idOf(this.id)}${query}`);
    if (model.module === "absent") expect(answer.status).toBe(500);
    else if (task === undefined) expect(answer).toEqual(notFound(idOf(this.id)));
    else {
      if (this.error === undefined) model.finish(task);
      else model.fail(task, `std::runtime_error (${this.error})`);
      expect(answer).toEqual(this.error === undefined && task.state === "failed" ? failed(task.error) : nothing);
    }
  }
}

class Delete extends IdStep {
  protected override async act(model: TestApiModel, subject: TestApiSubject): Promise<void> {
    const task = this.taskIn(model);
    const answer = await subject.ask(`DELETE /task_manager_test/test_task?task_id=${idOf(this.id)}`);
    if (model.module === "absent") expect(answer.status).toBe(500);
    else if (task === undefined) expect(answer).toEqual(notFound(idOf(this.id)));
    else {
      model.finish(task);
      expect(answer).toEqual(task.state === "failed" ? failed(task.error) : nothing);
      if (task.state === "done") task.isRegistered = false;
    }
  }
}

class Status extends IdStep {
  protected override async act(model: TestApiModel, subject: TestApiSubject): Promise<void> {
    const task = this.taskIn(model);
    const { status, text } = await subject.ask(`GET /task_manager/task_status/${idOf(this.id).replaceAll("-", "")}`);
    if (task === undefined) {
      expect({ status, text }).toEqual(notFound(idOf(this.id)));
      return;
    }
    const { id, state, error, shard, number } = task;
    expect(JSON.parse(text)).toMatchObject({ id, state, error, shard, sequence_number: number, type: "test" });
    model.look(task);
  }
}

class Abort extends IdStep {
  protected override async act(model: TestApiModel, subject: TestApiSubject): Promise<void> {
    const { status } = await subject.ask(`POST /task_manager/abort_task/${idOf(this.id)}`);
    expect(status).toBe(this.taskIn(model) === undefined ? 400 : 403);
  }
}

class AbortRoot extends Step {
  protected override async act(model: TestApiModel, subject: TestApiSubject): Promise<void> {
    const { root } = model;
    const { isRegistered } = root;
    if (isRegistered) model.abort(root);
    const { status } = await subject.ask(`POST /task_manager/abort_task/${root.id}`);
    expect(status).toBe(isRegistered ? 200 : 400);
  }

  toString(): string {
    return "AbortRoot";
  }
}

class Wait extends IdStep {
  constructor(
    id: number,
    private readonly timeoutSeconds: number | undefined,
  ) {
    super(id);
  }

  protected override async act(model: TestApiModel, subject: TestApiSubject): Promise<void> {
    const task = this.taskIn(model);
    // Of a task that is not there, nothing is pending.
    if (task === undefined) return;
    const query = this.timeoutSeconds === undefined ? "" : `?timeout=${this.timeoutSeconds}`;
    subject.waits.push(subject.open(`GET /task_manager/wait_task/${task.id}${query}`));
    await subject.settle();
    model.wait(task, this.timeoutSeconds);
  }
}

class SetUserTtl extends Step {
  constructor(private readonly seconds: number) {
    super();
  }

  protected override async act(model: TestApiModel, subject: TestApiSubject): Promise<void> {
    const answer = await subject.ask(`POST /task_manager/user_ttl?user_ttl=${this.seconds}`);
    if (!model.release.hasUserTtl) {
      expect(answer.status).toBe(404);
      return;
    }
    expect(answer).toEqual({ status: 200, text: String(model.userTtlSeconds) });
    model.userTtlSeconds = this.seconds;
  }

  toString(): string {
    return `SetUserTtl(${this.seconds})`;
  }
}

class Advance extends Step {
  constructor(private readonly ms: number) {
    super();
  }

  protected override async act(model: TestApiModel, { clock }: TestApiSubject): Promise<void> {
    clock.advance(this.ms);
    model.advance(this.ms);
  }

  toString(): string {
    return `Advance(${this.ms})`;
  }
}

async function compare(model: TestApiModel, subject: TestApiSubject): Promise<void> {
  if (subject.closing !== undefined) {
    expect(subject.closing.answer !== undefined, "the module has gone").toBe(model.module === "absent");
    if (model.module !== "absent") return;
    expect(subject.closing.answer?.status).toBe(200);
    subject.closing = undefined;
  }
  const { status, text } = await subject.ask("GET /task_manager/list_module_tasks/test?internal=true");
  expect(status).toBe(model.module === "absent" ? 400 : 200);
  if (status === 200) {
    const rows = JSON.parse(text) as { task_id: string }[];
    expect(rows.map(({ task_id }) => task_id).sort()).toEqual(model.listed("test", true).sort());
  }
  const answers = subject.waits.map(({ answer }) => {
    if (answer === undefined) return undefined;
    return answer.status === 200 ? outcomeOf(JSON.parse(answer.body.toString())) : "timed out";
  });
  expect(answers).toEqual(model.waits.map(({ answer }) => answer));
}

const id = fc.nat(9);
const twice = (step: fc.Arbitrary<Command>) => [step, step];

export const testTaskCommands = fc.commands(
  [
    ...twice(fc.constant<Command>(new RegisterModule())),
    fc.constant<Command>(new UnregisterModule()),
    ...twice(
      fc
        .record({
          id,
          shard: fc.constantFrom(0, 0, 1, 1, SHARDS),
          parent: fc.option(fc.oneof(fc.nat(20), fc.constant("root" as const), fc.constant("unknown" as const)), {
            nil: undefined,
          }),
          isUserTask: fc.boolean(),
        })
        .map((wishes): Command => new Create(wishes)),
    ),
    ...twice(
      fc
        .tuple(id, fc.option(fc.constantFrom("boom", "bang"), { nil: undefined, freq: 1 }))
        .map(([at, error]): Command => new Finish(at, error)),
    ),
    id.map((at): Command => new Delete(at)),
    id.map((at): Command => new Status(at)),
    id.map((at): Command => new Abort(at)),
    fc.constant<Command>(new AbortRoot()),
    fc
      .tuple(id, fc.option(fc.constantFrom(0, 1, 30), { nil: undefined }))
      .map(([at, seconds]): Command => new Wait(at, seconds)),
    fc.constantFrom(0, 10, 3600).map((seconds): Command => new SetUserTtl(seconds)),
    fc.constantFrom(50, 100, 1000, 60_000, 3_600_000).map((ms): Command => new Advance(ms)),
  ],
  { maxCommands: 40, size: "max" },
);
