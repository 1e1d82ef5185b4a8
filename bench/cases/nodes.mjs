// Lists of many nodes, with 100 tasks each, against the same tasks of one node.
import { jsonArray, stats } from "../answers.mjs";
import { parseAlone, tasks } from "../commands.mjs";
import { interleave, measure, mustEqual } from "../measure.mjs";
import { writePlot } from "../plot.mjs";
import { serve } from "../servers.mjs";
import { count, factor, megabytes, seconds, table } from "../text.mjs";

const TASKS_PER_NODE = 100;
const ROUNDS = 3;

export default async function nodes() {
  const rows = [];
  const points = { "list --all-nodes": [], "the same tasks of one node": [] };
  for (const total of [10, 100, 1000]) {
    // One process plays them all: a node is a prefix of the path.
    const addresses = Array.from({ length: total }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const places = new Map(addresses.map((address, index) => [address, index]));
    const body = jsonArray(TASKS_PER_NODE * total, stats);
    const parts = addresses.map((_, place) =>
      jsonArray(TASKS_PER_NODE, (index) => stats(place * TASKS_PER_NODE + index)),
    );
    const server = await serve((path) => {
      if (path.startsWith("/gossiper/endpoint/live")) return addresses;
      if (path.startsWith("/gossiper/endpoint/down")) return [];
      return parts[places.get(path.split("/")[1])] ?? body;
    });
    const allNodes = (...args) =>
      tasks(server, "--all-nodes", "--node-url", `${server.url}/%h`, "list", "compaction", ...args);
    const runs = await interleave(
      {
        "all nodes": allNodes("--json"),
        "one node": tasks(server, "list", "compaction", "--json"),
        "JSON.parse alone": parseAlone(server.url),
      },
      ROUNDS,
    );
    const expected = parts.flatMap((part, place) =>
      JSON.parse(part).map((row) => ({ node: addresses[place], ...row })),
    );
    const { stdout } = await measure(allNodes("--json"), { keep: true });
    const shown = JSON.parse(stdout);
    mustEqual("errors", JSON.stringify(shown.errors), "[]");
    mustEqual("tasks", JSON.stringify(shown.tasks.map(withoutTimes)), JSON.stringify(expected.map(withoutTimes)));
    await server.stop();
    points["list --all-nodes"].push([total, runs.ms("all nodes") / 1000]);
    points["the same tasks of one node"].push([total, runs.ms("one node") / 1000]);
    rows.push([
      count(total),
      seconds(runs.ms("all nodes")),
      seconds(runs.ms("one node")),
      factor(runs.ratio("all nodes", "one node")),
      factor(runs.ratio("all nodes", "JSON.parse alone")),
      megabytes(runs.peakMb("all nodes")),
      server.mostSockets(),
    ]);
  }
  writePlot("nodes.svg", { title: "Nodes with 100 tasks each", x: "nodes", y: "seconds", series: points });
  return table(
    ["nodes", "time", "the same tasks of one node", "ratio", "ratio to `JSON.parse` alone", "peak memory", "sockets"],
    rows,
  );
}

function withoutTimes({ start_time, end_time, ...row }) {
  return row;
}
