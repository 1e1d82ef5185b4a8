import * as v from "valibot";
import { amount, index, name, seconds } from "../scenarios/schema-fields.js";

/** What the bodies of control routes hold. A fault's is that of a scenario's file. */

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
