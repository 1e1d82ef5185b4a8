// A tree of 100,000 statuses, in every form, against what a user would type instead.
import { bushyStatus, jsonArray } from "../answers.mjs";
import { parseAlone, shell, tasks } from "../commands.mjs";
import { interleave, mustPrint } from "../measure.mjs";
import * as slow from "../reference.mjs";
import { serve } from "../servers.mjs";
import { factor, megabytes, seconds, table } from "../text.mjs";

const TOTAL = 100_000;
const ROUNDS = 3;
const COLUMNS =
  "[.id,.type,.kind,.scope,.state,.is_abortable,.start_time,.end_time,.error,.parent_id,.sequence_number,.shard," +
  ".keyspace,.table,.entity,.progress_units,.progress_total,.progress_completed,(.children_ids|tostring)]";

export default async function tree() {
  const body = jsonArray(TOTAL, bushyStatus);
  const server = await serve(() => body);
  const command = (...args) => tasks(server, "tree", "x", ...args);
  const runs = await interleave(
    {
      "tree, piped": command(),
      "curl | jq | column": shell(`curl -s ${server.url} | jq -r '.[]|${COLUMNS}|@tsv' | column -t -s '\t'`),
      "tree --json": command("--json"),
      "curl | jq .": shell(`curl -s ${server.url} | jq .`),
      "tree -o ndjson": command("-o", "ndjson"),
      "tree -o csv": command("-o", "csv"),
      "JSON.parse alone": parseAlone(server.url),
    },
    ROUNDS,
  );
  await server.stop();
  mustPrint("table", runs.hashes("tree, piped"), slow.paddedTable(TOTAL, bushyStatus));
  mustPrint("json", runs.hashes("tree --json"), slow.json(TOTAL, bushyStatus));
  mustPrint("ndjson", runs.hashes("tree -o ndjson"), slow.ndjson(TOTAL, bushyStatus));
  mustPrint("csv", runs.hashes("tree -o csv"), slow.csv(TOTAL, bushyStatus));
  const rows = [];
  for (const [name, other, target] of [
    ["tree, piped", "curl | jq | column", "0.4, 250 MB"],
    ["tree --json", "curl | jq .", "1.0"],
    ["tree -o ndjson", "JSON.parse alone", "1.5, 120 MB"],
    ["tree -o csv", "JSON.parse alone", "1.5, 120 MB"],
  ]) {
    rows.push([
      `\`${name}\``,
      seconds(runs.ms(name)),
      `\`${other}\` ${seconds(runs.ms(other))}`,
      factor(runs.ratio(name, other)),
      target,
      megabytes(runs.peakMb(name)),
    ]);
  }
  return table(["command", "time", "against", "ratio", "target", "peak memory"], rows);
}
