import { describe, expect, test } from "vitest";
import { checkStructure } from "../../src/client/json.js";
import { readJsonArray } from "../../src/client/json-array.js";

const MAX_VALUES = 2_000_000;

describe("checkStructure", () => {
  const check = (json: string) => () => checkStructure(Buffer.from(json));

  test.each([",", "[]", "{}"])("refuses more than 2,000,000 values, of which the last is %j", (value) => {
    const most = ",".repeat(MAX_VALUES - 1);
    expect(check(most + value)).not.toThrow();
    expect(check(most + value + value)).toThrow(new SyntaxError("it has more than 2000000 values in one"));
  });

  test("does not count what is in strings", () => {
    expect(check(`"${",".repeat(MAX_VALUES + 1)}"`)).not.toThrow();
  });
});

describe("readJsonArray", () => {
  test("rejects an element that has no end, before it fills the memory", async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('["');
      for (let megabyte = 0; megabyte < 20; megabyte++) yield Buffer.alloc(1024 * 1024, "a");
    }
    await expect(readJsonArray(endless()).next()).rejects.toThrow("too long");
  });

  test("reads an array whose first two elements are separated in another way than all others", async () => {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('[{"a":""} , ');
      for (let megabyte = 0; megabyte < 20; megabyte++) yield Buffer.from(`{"a":"${"x".repeat(1024 * 1024)}"},`);
      yield Buffer.from('{"a":""}]');
    }
    let count = 0;
    for await (const batch of readJsonArray(chunks())) count += batch.length;
    expect(count).toBe(22);
  });
});
