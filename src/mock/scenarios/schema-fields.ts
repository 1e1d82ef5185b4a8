import * as v from "valibot";

/** Types of fields for scenario files and the bodies of control routes, with their limits. */

const LONGEST_SECONDS = 31_536_000;
const LONGEST_TTL_SECONDS = 2 ** 32 - 1;

export const name = v.pipe(v.string(), v.minLength(1));
export const amount = v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
export const seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(LONGEST_SECONDS));
export const signedSeconds = v.pipe(v.number(), v.minValue(-LONGEST_SECONDS), v.maxValue(LONGEST_SECONDS));
export const intervalSeconds = v.pipe(v.number(), v.minValue(0.1), v.maxValue(LONGEST_SECONDS));
export const ttlSeconds = wholeNumber(0, LONGEST_TTL_SECONDS);
/** The index of a node or shard, from 0. */
export const index = wholeNumber(0, 1023);

export function wholeNumber(least: number, most: number) {
  return v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
}

/** An optional field, with its description for editors. */
export function optional<Field extends v.GenericSchema>(field: Field, text: string) {
  return v.optional(v.pipe(field, v.description(text)));
}

/** A required field, with its description for editors. */
export function required<Field extends v.GenericSchema>(field: Field, text: string) {
  return v.pipe(field, v.description(text));
}

export function list<Item extends v.GenericSchema>(item: Item) {
  return v.pipe(v.array(item), v.readonly());
}
