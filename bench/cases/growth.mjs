// Time and memory as the rows grow tenfold and tenfold again, to a million: what streams must do that in flat memory.
import { bushyStatus, jsonArray, stats } from "../answers.mjs";
import { tasks } from "../commands.mjs";
import { interleave, mustPrint } from "../measure.mjs";
import { writePlot } from "../plot.mjs";
import { ndjson, paddedTable } from "../reference.mjs";
import { serve } from "../servers.mjs";
import { count, megabytes, seconds, table } from "../text.mjs";

const KINDS = [
  ["list, piped", stats, paddedTable, ["list", "compaction"]],
  ["list -o ndjson", stats, ndjson, ["list", "compaction", "-o", "ndjson"]],
  ["tree, piped", bushyStatus, paddedTable, ["tree", "5e1f4b0c-8a1d-4c1e-9d43-000000000000"]],
  ["tree -o ndjson", bushyStatus, ndjson, ["tree", "5e1f4b0c-8a1d-4c1e-9d43-000000000000", "-o", "ndjson"]],
];

export default async function growth() {
  const rows = [];
  const times = Object.fromEntries(KINDS.map(([name]) => [name, []]));
  const memories = Object.fromEntries(KINDS.map(([name]) => [name, []]));
  for (const total of [1000, 10_000, 100_000, 1_000_000]) {
    for (const element of [stats, bushyStatus]) {
      const kinds = KINDS.filter((kind) => kind[1] === element);
      const body = jsonArray(total, element);
      const server = await serve(() => body);
      const commands = Object.fromEntries(kinds.map(([name, , , args]) => [name, tasks(server, ...args)]));
      const runs = await interleave(commands, total < 100_000 ? 3 : 1);
      await server.stop();
      for (const [name, , slow] of kinds) {
        mustPrint(name, runs.hashes(name), slow(total, element));
        const ms = runs.ms(name);
        times[name].push([total, ms / 1000]);
        memories[name].push([total, runs.peakMb(name)]);
        rows.push([
          `\`${name}\``,
          count(total),
          seconds(ms),
          `${((ms * 1000) / total).toFixed(1)} µs`,
          megabytes(runs.peakMb(name)),
        ]);
      }
    }
  }
  writePlot("growth-time.svg", { title: "Time", x: "rows", y: "seconds", series: times });
  writePlot("growth-memory.svg", { title: "Peak memory", x: "rows", y: "MB", series: memories });
  rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return table(["command", "rows", "time", "time a row", "peak memory"], rows);
}
