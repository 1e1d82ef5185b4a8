// A list of 100,000 tasks, in every form, against what a user would type instead.
import { jsonArray, stats } from "../answers.mjs";
import { parseAlone, shell, tasks } from "../commands.mjs";
import { interleave, measure, mustPrint } from "../measure.mjs";
import * as slow from "../reference.mjs";
import { serve } from "../servers.mjs";
import { factor, megabytes, seconds, table } from "../text.mjs";

const TOTAL = 100_000;
const ROUNDS = 3;
const LONGEST_HOLD_MS = 10_000;
const COLUMNS =
  "[.task_id,.type,.kind,.scope,.state,.sequence_number,.keyspace,.table,.entity,.shard,.start_time,.end_time]";

export default async function list() {
  const body = jsonArray(TOTAL, stats);
  const server = await serve(() => body);
  const command = (...args) => tasks(server, "list", "compaction", ...args);
  const runs = await interleave(
    {
      "list, piped": command(),
      "curl | jq | column": shell(`curl -s ${server.url} | jq -r '.[]|${COLUMNS}|@tsv' | column -t -s '\t'`),
      "list --json": command("--json"),
      "curl | jq .": shell(`curl -s ${server.url} | jq .`),
      "list -o ndjson": command("-o", "ndjson"),
      "list -o csv": command("-o", "csv"),
      "JSON.parse alone": parseAlone(server.url),
    },
    ROUNDS,
  );
  await server.stop();
  mustPrint("table", runs.hashes("list, piped"), slow.paddedTable(TOTAL, stats));
  mustPrint("json", runs.hashes("list --json"), slow.json(TOTAL, stats));
  mustPrint("ndjson", runs.hashes("list -o ndjson"), slow.ndjson(TOTAL, stats));
  mustPrint("csv", runs.hashes("list -o csv"), slow.csv(TOTAL, stats));
  const rows = [];
  for (const [name, other, target, args] of [
    ["list, piped", "curl | jq | column", "0.4, 250 MB"],
    ["list --json", "curl | jq .", "1.0", ["--json"]],
    ["list -o ndjson", "JSON.parse alone", "1.5, 120 MB", ["-o", "ndjson"]],
    ["list -o csv", "JSON.parse alone", "1.5, 120 MB", ["-o", "csv"]],
  ]) {
    rows.push([
      `\`${name}\``,
      seconds(runs.ms(name)),
      `\`${other}\` ${seconds(runs.ms(other))}`,
      factor(runs.ratio(name, other)),
      target,
      megabytes(runs.peakMb(name)),
      args === undefined ? "no: widths first" : (await startsBeforeTheEnd(body, args)) ? "yes" : "NO",
    ]);
  }
  const titles = ["command", "time", "against", "ratio", "target", "peak memory", "prints before the answer has ended"];
  return table(titles, rows);
}

/** The last byte of the answer is held back until something is printed, or for a while. */
async function startsBeforeTheEnd(body, args) {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  let isOver = false;
  const limit = setTimeout(() => {
    isOver = true;
    release();
  }, LONGEST_HOLD_MS);
  let started = false;
  const onFirstByte = () => {
    started = !isOver;
    clearTimeout(limit);
    release();
  };
  const server = await serve(() => body, { held });
  await measure(tasks(server, "list", "compaction", ...args), { onFirstByte });
  await server.stop();
  return started;
}
