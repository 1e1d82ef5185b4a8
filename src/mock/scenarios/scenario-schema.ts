import * as v from "valibot";
import type { Fault } from "./fault.js";
import type { Scenario, TaskPlan } from "./scenario.js";

/** What may stand in a scenario's file: `schema/scenario.schema.json` says the same to editors. */

const LONGEST_SECONDS = 31_536_000;
const LONGEST_LATENCY_MS = 3_600_000;
const MOST_COPIES = 1_000_000;

const name = v.pipe(v.string(), v.minLength(1));
const index = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1023));
const amount = v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(LONGEST_SECONDS));
const signedSeconds = v.pipe(v.number(), v.minValue(-LONGEST_SECONDS), v.maxValue(LONGEST_SECONDS));
const intervalSeconds = v.pipe(v.number(), v.minValue(0.1), v.maxValue(LONGEST_SECONDS));
const ttlSeconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1));

const wholeNumber = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

/** What roots and children have in common. */
const taskEntries = {
  type: name,
  scope: name,
  keyspace: v.optional(v.string()),
  table: v.optional(v.string()),
  tables: v.optional(v.array(name)),
  entity: v.optional(v.string()),
  units: v.optional(v.string()),
  node: v.optional(index),
  shard: v.optional(index),
  isAbortable: v.optional(v.boolean()),
  isUserTask: v.optional(v.boolean()),
  isStartedInternally: v.optional(v.boolean()),
  isTransient: v.optional(v.boolean()),
  each: v.optional(v.picklist(["node", "shard", "table"])),
  copies: v.optional(wholeNumber(1, MOST_COPIES)),
  queuedSeconds: v.optional(seconds),
  runsSeconds: v.optional(seconds),
  total: v.optional(amount),
  finalTotal: v.optional(amount),
  completed: v.optional(amount),
  expectedTotal: v.optional(amount),
  error: v.optional(name),
  isSuspended: v.optional(v.boolean()),
  children: v.optional(v.array(v.lazy((): v.GenericSchema<TaskPlan> => childSchema))),
};

type PlainTask = Pick<TaskPlan, "each" | "copies" | "total" | "finalTotal" | "completed">;

const isRepeatedOnce = (task: PlainTask): boolean => task.each === undefined || task.copies === undefined;
const REPEATED_TWICE = "each and copies exclude each other";
const hasTotal = (task: PlainTask): boolean =>
  task.total !== undefined || (task.finalTotal === undefined && task.completed === undefined);
const TOTAL_MISSING = "finalTotal and completed need a total";

const childSchema: v.GenericSchema<TaskPlan> = v.pipe(
  v.strictObject({ ...taskEntries, module: v.optional(name), afterSeconds: v.optional(seconds) }),
  v.check((task) => isRepeatedOnce(task), REPEATED_TWICE),
  v.check((task) => hasTotal(task), TOTAL_MISSING),
);

const rootSchema = v.pipe(
  v.strictObject({
    ...taskEntries,
    module: name,
    kind: v.optional(v.picklist(["node", "cluster"])),
    afterSeconds: v.optional(signedSeconds),
    everySeconds: v.optional(intervalSeconds),
  }),
  v.check((task) => isRepeatedOnce(task), REPEATED_TWICE),
  v.check((task) => hasTotal(task), TOTAL_MISSING),
);

const outageSchema = v.strictObject({
  node: index,
  afterSeconds: seconds,
  downSeconds: v.optional(seconds),
  everySeconds: v.optional(intervalSeconds),
});

const EFFECTS = ["latencyMs", "status", "message", "body", "isReset", "truncatedAtBytes"] as const;

/** A fault, in a file or sent to a mock that runs. */
export const faultSchema: v.GenericSchema<unknown, Fault> = v.pipe(
  v.strictObject({
    method: v.optional(name),
    path: v.optional(v.pipe(v.string(), v.startsWith("/"))),
    node: v.optional(index),
    afterSeconds: v.optional(seconds),
    forSeconds: v.optional(seconds),
    count: v.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
    probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
    latencyMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(LONGEST_LATENCY_MS))),
    status: v.optional(wholeNumber(200, 599)),
    message: v.optional(v.string()),
    body: v.optional(v.string()),
    contentType: v.optional(name),
    isReset: v.optional(v.boolean()),
    truncatedAtBytes: v.optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
  }),
  v.check((fault) => EFFECTS.some((effect) => fault[effect] !== undefined), `needs one of ${EFFECTS.join(", ")}`),
);

/** A task to drive that is described in the body of a request; its parent by its id. */
export const handDrivenTaskSchema = v.strictObject({
  module: name,
  type: name,
  scope: name,
  id: v.optional(v.pipe(v.string(), v.uuid())),
  kind: v.optional(v.picklist(["node", "cluster"])),
  node: v.optional(index),
  shard: v.optional(index),
  keyspace: v.optional(v.string()),
  table: v.optional(v.string()),
  entity: v.optional(v.string()),
  progressUnits: v.optional(v.string()),
  isAbortable: v.optional(v.boolean()),
  isUserTask: v.optional(v.boolean()),
  isStartedInternally: v.optional(v.boolean()),
  isQueued: v.optional(v.boolean()),
  parent: v.optional(v.pipe(v.string(), v.uuid())),
});

/** How far a task is, or what its children will sum up to. */
export const progressSchema = v.union([
  v.strictObject({ completed: amount, total: amount }),
  v.strictObject({ expectedTotal: amount }),
]);

/** How a task fails. */
export const failureSchema = v.strictObject({ error: name });

/** By how much a clock is moved on. */
export const advanceSchema = v.strictObject({ seconds });

const scenarioSchema = v.strictObject({
  $schema: v.optional(v.string()),
  name: v.optional(name),
  description: v.optional(v.string()),
  clusterName: v.optional(v.string()),
  nodes: v.optional(wholeNumber(1, 1000)),
  shards: v.optional(wholeNumber(1, 1024)),
  ttlSeconds: v.optional(ttlSeconds),
  userTtlSeconds: v.optional(ttlSeconds),
  keyspaces: v.optional(v.array(v.strictObject({ name, tables: v.array(name) }))),
  tasks: v.optional(v.array(rootSchema)),
  outages: v.optional(v.array(outageSchema)),
  faults: v.optional(v.array(faultSchema)),
});

/** Something that is not as it must be, and where: the keys and places that lead there. */
export interface Flaw {
  readonly path: readonly (string | number)[];
  readonly reason: string;
  /** The field itself should not be there. */
  readonly isUnknownField: boolean;
}

/** A value as it was meant, or what is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly flaws: readonly Flaw[] };

/** Checks what a scenario's file holds. What it leaves out has defaults. */
export function checkScenario(value: unknown, ownName: string): Checked<Scenario> {
  // An array is an object to the validator.
  if (Array.isArray(value))
    return { flaws: [{ path: [], reason: "expected Object, not Array", isUnknownField: false }] };
  const checked = check(scenarioSchema, value);
  if ("flaws" in checked) return checked;
  const { $schema: _, ...scenario } = checked.value;
  return {
    value: {
      name: ownName,
      description: "",
      clusterName: "mock cluster",
      keyspaces: [],
      tasks: [],
      ...scenario,
    },
  };
}

/** Checks a value against a schema, and says in its own words what is wrong. */
export function check<T>(schema: v.GenericSchema<unknown, T>, value: unknown): Checked<T> {
  const result = v.safeParse(schema, value);
  return result.success ? { value: result.output } : { flaws: result.issues.map(flawOf) };
}

function flawOf(issue: v.BaseIssue<unknown>): Flaw {
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  // Both are issues of the object: a key that it has and must not, or must and has not.
  if (issue.type === "strict_object" && issue.expected === "never") {
    return { path, reason: "unknown field", isUnknownField: true };
  }
  if (issue.type === "strict_object" && issue.received === "undefined") {
    return { path, reason: "is missing", isUnknownField: false };
  }
  const reason = issue.type === "check" ? issue.message : `expected ${issue.expected}, not ${issue.received}`;
  return { path, reason, isUnknownField: false };
}

/** A path as a person writes it: `tasks[0].children[1].total`. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((step, place) => {
      if (typeof step === "number") return `[${step}]`;
      return place === 0 ? step : `.${step}`;
    })
    .join("");
}
