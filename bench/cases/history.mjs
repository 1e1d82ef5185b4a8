// Questions to a journal of a million lines, against reading and parsing it alone.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { node, TASKS } from "../commands.mjs";
import { writeJournal } from "../journals.mjs";
import { interleave, measure, mustEqual } from "../measure.mjs";
import { count, factor, megabytes, seconds, table } from "../text.mjs";

const LINES = 1_000_000;
const ROUNDS = 3;
const PARSE = fileURLToPath(new URL("../parse-lines.mjs", import.meta.url));

const QUESTIONS = [
  ["history", "--count"],
  ["history", "-o", "ndjson"],
  ["history", "--by", "table,type"],
  ["history", "--last", "repair"],
  ["history", "--internal", "--by", "node"],
  ["list", "--all", "--count"],
];

export default async function history() {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  try {
    const journal = join(folder, "journal.ndjson");
    const operations = await writeJournal(journal, LINES);
    const from = [node, TASKS, "--from", journal];
    mustEqual(
      "operations",
      (await measure([...from, "history", "--count", "--no-header"], { keep: true })).stdout,
      `${operations}\n`,
    );
    const commands = Object.fromEntries(QUESTIONS.map((question) => [question.join(" "), [...from, ...question]]));
    const runs = await interleave({ parse: [node, PARSE, journal], ...commands }, ROUNDS);
    const rows = ["parse", ...Object.keys(commands)].map((name) => [
      name === "parse" ? "reading and `JSON.parse` alone" : `\`${name}\``,
      seconds(runs.ms(name)),
      name === "parse" ? "" : factor(runs.ratio(name, "parse")),
      megabytes(runs.peakMb(name)),
    ]);
    return table([`a journal of ${count(LINES)} lines`, "time", "ratio", "peak memory"], rows);
  } finally {
    await rm(folder, { recursive: true });
  }
}
