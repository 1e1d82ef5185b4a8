import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJsonArray } from "../../src/client/json-array.js";

async function* inChunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, "utf8");
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function read(text: string, size = 7): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const batch of readJsonArray(inChunks(text, size))) all.push(...batch);
  return all;
}

describe("readJsonArray", () => {
  test("reads what JSON.parse reads, however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue()),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        async (values, size, indent) => {
          const text = JSON.stringify(values, null, indent ? 2 : undefined);
          expect(await read(text, size)).toEqual(JSON.parse(text));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("reads what JSON.parse reads where everything looks like the border between two elements", async () => {
    const text = fc.constantFrom("a", '},{"id"', '}, {"id": ', "\\", "é", "]", ",");
    const element = fc.record({
      id: fc.array(text, { maxLength: 3 }).map((parts) => parts.join("")),
      children: fc.array(fc.record({ id: text }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(element, { maxLength: 12 }),
        fc.integer({ min: 1, max: 300 }),
        fc.boolean(),
        async (values, size, indent) => {
          const text = JSON.stringify(values, null, indent ? 2 : undefined);
          expect(await read(text, size)).toEqual(values);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    '[{"a":1},{"a":2}],[{"a":3},{"a":4}]',
    '[{"a":1},{"a":2}}{"a":3},{"a":4}]',
    '[{"a":1},{"a":2},{"a":3},]',
    '[{"a":1},{"a":2},,{"a":3},{"a":4}]',
    '[{"a":1},{"a":2}]{"a":3},{"a":4}',
    '[{"a":1},{"a":2},{"a":3},{"a":4}',
    '[{"a":1},{"a":2},{"a":3},{"a":4"}]',
  ])("rejects %j, however the bytes are cut", async (text) => {
    for (let size = 1; size <= text.length; size++) await expect(read(text, size)).rejects.toThrow(SyntaxError);
  });

  test.each(["", "  ", "[", "[1", "[1,", '["a', '[{"a":1}', '["a\\"]'])("rejects %j as cut off", async (text) => {
    await expect(read(text)).rejects.toThrow(SyntaxError);
  });

  test.each(["{}", "1", "<html>", "[1,]", "[,1]", "[1 2]", "[1]]", "[1] x", "[}", "[nul]"])(
    "rejects %j",
    async (text) => {
      await expect(read(text)).rejects.toThrow(SyntaxError);
    },
  );
});
