/** What V8 needs, about: for an object, a field of it, and a string without its characters. */
const OBJECT_BYTES = 40;
const FIELD_BYTES = 8;
const STRING_BYTES = 16;

/** V8 keeps a string that is as short once, however often it comes. */
const SHORT_STRING = 10;

/** An object with more fields is a hash table, and its names are usually no other's. */
const MOST_USUAL_FIELDS = 64;
const UNUSUAL_FIELD_BYTES = 128;

/**
 * About how many bytes a value that came as JSON takes in memory. Its text does not tell: `[[],[],[]]` takes ten times its length.
 * For each of 100,000 tasks, so it looks at no more than it must.
 */
export function memorySize(value: unknown): number {
  if (typeof value === "string") return value.length <= SHORT_STRING ? 0 : STRING_BYTES + value.length;
  if (typeof value !== "object" || value === null) return 0;
  let size = OBJECT_BYTES;
  if (Array.isArray(value)) {
    for (const element of value) size += FIELD_BYTES + memorySize(element);
    return size;
  }
  let fields = 0;
  for (const name in value) {
    fields++;
    size += FIELD_BYTES + memorySize((value as Record<string, unknown>)[name]);
  }
  return fields > MOST_USUAL_FIELDS ? size + fields * UNUSUAL_FIELD_BYTES : size;
}
