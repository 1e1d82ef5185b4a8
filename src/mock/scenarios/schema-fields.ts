import * as v from "valibot";

/** The kinds of fields that files of scenarios and bodies of control routes have, with their limits. */

const LONGEST_SECONDS = 31_536_000;
const LONGEST_TTL_SECONDS = 2 ** 32 - 1;

export const name = v.pipe(v.string(), v.minLength(1));
export const amount = v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
export const seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(LONGEST_SECONDS));
export const signedSeconds = v.pipe(v.number(), v.minValue(-LONGEST_SECONDS), v.maxValue(LONGEST_SECONDS));
export const intervalSeconds = v.pipe(v.number(), v.minValue(0.1), v.maxValue(LONGEST_SECONDS));
export const ttlSeconds = wholeNumber(0, LONGEST_TTL_SECONDS);
/** A node or a shard, by its place. */
export const index = wholeNumber(0, 1023);

export function wholeNumber(least: number, most: number) {
  return v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
}

/** A field that may be left out, with what editors say of it. */
export function optional<Field extends v.GenericSchema>(field: Field, text: string) {
  return v.optional(v.pipe(field, v.description(text)));
}

/** A field that must be there, with what editors say of it. */
export function needed<Field extends v.GenericSchema>(field: Field, text: string) {
  return v.pipe(field, v.description(text));
}

export function list<Item extends v.GenericSchema>(item: Item) {
  return v.pipe(v.array(item), v.readonly());
}
