import { expect, test } from "vitest";
import { readBounded, readBoundedFile } from "../../src/runtime/read-bounded.js";
import { readStdin } from "../../src/runtime/read-stdin.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";

async function* pieces(...all: readonly Uint8Array[]) {
  yield* all;
}

test("pieces are one text, wherever a character is cut", async () => {
  const bytes = Buffer.from("ä€");
  expect(await readBounded(pieces(bytes.subarray(0, 1), bytes.subarray(1, 3), bytes.subarray(3)), bytes.length)).toBe(
    "ä€",
  );
});

test("no more is read than may be there", async () => {
  const endless = async function* () {
    for (;;) yield Buffer.alloc(1_000_000);
  };
  await expect(readBounded(endless(), 3_000_000)).rejects.toThrow("it is larger than 3 MB");
  await expect(readBoundedFile("/dev/zero", 1_000_000)).rejects.toThrow("it is larger than 1 MB");
});

test("stdin may be as long as the ids of two million tasks, and no longer", async () => {
  const { runtime } = fakeRuntime({ input: "x".repeat(100_000_001) });
  await expect(readStdin(runtime)).rejects.toThrow("cannot read stdin: it is larger than 100 MB");
  expect(await readStdin(fakeRuntime({ input: "a b" }).runtime)).toBe("a b");
});
