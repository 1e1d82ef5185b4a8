import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { confirm, prompt } from "../../src/runtime/confirm.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";

const asked = (input: string) => confirm(fakeRuntime({ isTerminal: true, input }).runtime, "Sure? ");

test.each([
  ["y\n", true],
  ["Yes\n", true],
  ["yess\n", false],
  ["n\n", false],
  ["", false],
])("the answer %j is yes: %j", async (input, isYes) => {
  expect(await asked(input)).toBe(isYes);
});

test("an answer has no spaces around it, and the question stands on stderr", async () => {
  const { runtime, written } = fakeRuntime({ isTerminal: true, input: "  shop \n" });
  expect(await prompt(runtime, "Name? ")).toBe("shop");
  expect(written.stderr).toContain("Name? ");
  expect(written.stdout).toBe("");
});

test("Ctrl-C at a question interrupts the run", async () => {
  const input = new PassThrough();
  const { runtime } = fakeRuntime({ isTerminal: true, input });
  const answer = prompt(runtime, "Sure? ");
  input.write("\u0003");
  await expect(answer).rejects.toMatchObject({ name: "Interruption", exitCode: 130 });
});

test("a run that is interrupted asks no longer", async () => {
  const { runtime, interrupt } = fakeRuntime({ isTerminal: true, input: new PassThrough() });
  const answer = prompt(runtime, "Sure? ");
  interrupt();
  await expect(answer).rejects.toMatchObject({ name: "AbortError" });
});
