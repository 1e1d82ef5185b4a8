import { expect, test } from "vitest";
import { readEarlier } from "../../src/recording/earlier.js";
import { BEGIN, journalOf, seen, started, status, taskId } from "../fixtures/journals.js";

test("if the end of a task is cut off, and it had ended when first seen, it does not count as running", async () => {
  const journal = journalOf([started(0), seen(10, status(1, { state: "failed" })), seen(12, status(2))]);
  const { tasks } = await readEarlier(journal, BEGIN + 60_000);
  expect([...tasks]).toEqual([[taskId(2), { seenMs: BEGIN + 12_000, hasEnded: false }]]);
});
