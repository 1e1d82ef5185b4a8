import { expect, test } from "vitest";
import { LineStream } from "../../src/recording/destination.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import { seen, status } from "../fixtures/journals.js";

test("lines on stdout carry characters that act on a terminal as escapes, and say the same", async () => {
  const { runtime, written } = fakeRuntime();
  const line = seen(1, status(1, { type: "a\u009b31m\u202eb\u007f" }));
  await new LineStream(runtime.stdout).begin([line]);
  expect(written.stdout).not.toMatch(/[\u007f-\u009f\u202e]/);
  expect(JSON.parse(written.stdout)).toEqual(line);
});
