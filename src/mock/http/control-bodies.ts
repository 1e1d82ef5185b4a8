import * as v from "valibot";
import type { HandDrivenTask } from "../hand-driven.js";
import { amount, index, name, seconds } from "../scenarios/schema-fields.js";

/** The bodies of the control routes. A fault has the same form as in a scenario file. */

/** A task to create; `parent` is the id of a task. */
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
  ignoresAbort: v.optional(v.boolean()),
  isQueued: v.optional(v.boolean()),
  parent: v.optional(v.pipe(v.string(), v.uuid())),
} satisfies Record<keyof HandDrivenTask, v.GenericSchema>);

/** The progress of a task, or the total that its children are expected to reach. */
export const progressSchema = v.union([
  v.strictObject({ completed: amount, total: amount }),
  v.strictObject({ expectedTotal: amount }),
]);

/** The error of a task that is to fail. */
export const failureSchema = v.strictObject({ error: name });

/** How far the clock is moved ahead. */
export const advanceSchema = v.strictObject({ seconds });
