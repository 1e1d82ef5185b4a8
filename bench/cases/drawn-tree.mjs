// Trees as people see them: one of 100,000 tasks, and one of 50,000 below each other.
import { bushyStatus, deepStatus, idOf, jsonArray } from "../answers.mjs";
import { tasks } from "../commands.mjs";
import { measure, mustEqual } from "../measure.mjs";
import { serve } from "../servers.mjs";
import { count, megabytes, seconds, table } from "../text.mjs";

const CASES = [
  ["each with ten children", 1000, bushyStatus, bushyOrder],
  ["each with ten children", 100_000, bushyStatus, bushyOrder],
  ["each below the one before", 50_000, deepStatus, (total) => Array.from({ length: total }, (_, index) => index)],
];

export default async function drawnTree() {
  const rows = [];
  for (const [shape, total, status, orderOf] of CASES) {
    const body = jsonArray(total, status);
    const server = await serve(() => body);
    for (const options of [[], ["--wide"]]) {
      // With colours, a pipe gets what a terminal of 80 columns does.
      const command = tasks(server, "--color", "always", ...options, "tree", "5e1f4b0c-8a1d-4c1e-9d43-000000000000");
      const { ms, peakMb, stdout } = await measure(command, { keep: true });
      const lines = stdout.trimEnd().split("\n").map(withoutColours);
      const name = options.join();
      if (name === "") mustEqual("lines", lines.filter((line) => line.includes("running")).length, total);
      else mustEqual("order of the tasks", drawnIds(lines).join(), orderOf(total).map(idOf).join());
      rows.push([shape, count(total), name === "" ? "80 columns" : `\`${name}\``, seconds(ms), megabytes(peakMb)]);
    }
    await server.stop();
  }
  return table(["tree, drawn", "tasks", "width", "time", "peak memory"], rows);
}

/** The order in which a plain walk comes by the tasks. */
function bushyOrder(total) {
  const order = [];
  const visit = (index) => {
    order.push(index);
    for (let child = index * 10 + 1; child <= index * 10 + 10 && child < total; child++) visit(child);
  };
  visit(0);
  return order;
}

const ESCAPE = String.fromCharCode(27);

const withoutColours = (line) =>
  line
    .split(ESCAPE)
    .map((part, index) => (index === 0 ? part : part.replace(/^\[[\d;]*m/, "")))
    .join("");

const drawnIds = (lines) => lines.flatMap((line) => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(line)?.[0] ?? []);
