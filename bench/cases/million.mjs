// What streams must need no more memory for a million tasks than for a tenth of them.
import { jsonArray, stats } from "../answers.mjs";
import { tasks } from "../commands.mjs";
import { measure, mustPrint } from "../measure.mjs";
import { ndjson } from "../reference.mjs";
import { serve } from "../servers.mjs";
import { count, megabytes, seconds, table } from "../text.mjs";

export default async function million() {
  const rows = [];
  for (const total of [100_000, 1_000_000]) {
    const body = jsonArray(total, stats);
    const server = await serve(() => body);
    const { ms, peakMb, hash } = await measure(tasks(server, "list", "compaction", "-o", "ndjson"));
    await server.stop();
    mustPrint("ndjson", [hash], ndjson(total, stats));
    rows.push([count(total), megabytes(body.length / 1e6), seconds(ms), megabytes(peakMb)]);
  }
  return table(["tasks, `list -o ndjson`", "answer", "time", "peak memory"], rows);
}
