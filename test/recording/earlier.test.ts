import { expect, test } from "vitest";
import { readEarlier } from "../../src/recording/earlier.js";
import { BEGIN, journalOf, seen, started, status, taskId } from "../fixtures/journals.js";

test("a task that had ended when it was first seen, and whose end was cut off, is not known to have run then", async () => {
  const journal = journalOf([started(0), seen(10, status(1, { state: "failed" })), seen(12, status(2))]);
  const { tasks } = await readEarlier(journal, BEGIN + 60_000);
  expect([...tasks]).toEqual([[taskId(2), { seenMs: BEGIN + 12_000, hasEnded: false }]]);
});
