/** What V8 needs, roughly, for an object, for each of its fields, and for a string besides its characters. */
const OBJECT_BYTES = 40;
const FIELD_BYTES = 8;
const STRING_BYTES = 16;

/** V8 keeps strings up to this length only once, however often they occur in JSON. */
const SHORT_STRING = 10;

/** An object with more fields is a hash table, and usually no other object has its field names. */
const MOST_USUAL_FIELDS = 64;
const UNUSUAL_FIELD_BYTES = 128;

/**
 * Roughly how many bytes a value takes in memory that was parsed from JSON. The length of the text does not tell: `[[],[],[]]` takes
 * ten times as much. It is called for each of 100,000 tasks, so it is as simple as can be.
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
