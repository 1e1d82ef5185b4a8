import { expect, test } from "vitest";
import { LineStream } from "../../src/recording/destination.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import { seen, status } from "../fixtures/journals.js";

test("on stdout, control characters are escaped, and lines keep their meaning", async () => {
  const { runtime, written } = fakeRuntime();
  const line = seen(1, status(1, { type: "a\u009b31m\u202eb\u007f" }));
  await new LineStream(runtime.stdout).begin([line]);
  expect(written.stdout).not.toMatch(/[\u007f-\u009f\u202e]/);
  expect(JSON.parse(written.stdout)).toEqual(line);
});
