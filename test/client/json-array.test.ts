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

/** What each chunk completes; the chunks are separated by `|`. */
async function batches(text: string): Promise<unknown[][]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const chunk of text.split("|")) yield Buffer.from(chunk, "utf8");
  }
  const all: unknown[][] = [];
  for await (const batch of readJsonArray(chunks())) all.push(batch);
  return all;
}

describe("readJsonArray", () => {
  test.each([
    ['[{"a":1}|,{"a":2},{"a"|:3},{"a":4},{"|a":5}]', ["1 2", "3", "4", "5"]],
    ['[{"a":1} ,\t{"a":2},\r\n{"a":3}, {"a":4}|]', ["1", "2 3 4"]],
    ['[{"a":1},{"a":2},{"a":3},{"a":4},{"a"|:5}]', ["1 2 3 4", "5"]],
    [' \r\n\t[ {"a":1}, {"a":2} |] \r\n\t', ["1", "2"]],
    ['[{"b":0,"a":1},{"a":2},{"b":0,"a":3},{"b"|:0,"a":4}]', ["1", "2 3 4"]],
    ["| [ ] |", []],
  ])("of %j, the chunks complete %j", async (text, expected) => {
    const found = (await batches(text)).map((batch) => batch.map((element) => (element as { a: number }).a).join(" "));
    expect(found).toEqual(expected);
  });

  test.each([
    ["", "the answer is empty"],
    [" \n", "the answer is empty"],
    ["[1,", "the answer ends in the middle of the JSON array"],
    ["[1|,2", "the answer ends in the middle of the JSON array"],
    ["[1|,|]", "an element of the JSON array is missing"],
    ["[|,|1]", "an element of the JSON array is missing"],
    ["[1,|,|2]", "an element of the JSON array is missing"],
    [" <html>", 'expected a JSON array, not "<html>"'],
    ["]", 'expected a JSON array, not "]"'],
    [`{${"x".repeat(50)}`, `expected a JSON array, not "{${"x".repeat(39)}..."`],
    ["[1] [2]", '"[2]" follows the end of the JSON array'],
    ["[1]| x", '"x" follows the end of the JSON array'],
  ])("%j: %s", async (text, message) => {
    await expect(batches(text)).rejects.toThrow(new SyntaxError(message));
  });

  test("checks the depth only of what is longer than 256 KB", async () => {
    const elements = (characters: number) => `["${"x".repeat(characters)}",${"[".repeat(65)}${"]".repeat(65)}]`;
    expect(await read(elements(100_000), 1_000_000)).toHaveLength(2);
    await expect(read(elements(300_000), 1_000_000)).rejects.toThrow("nested more than 64 levels deep");
  });

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
