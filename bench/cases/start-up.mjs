// What one short run costs, against Node's own start, on every Node given.

import { bushyStatus } from "../answers.mjs";
import { NODES, TASKS } from "../commands.mjs";
import { interleave, measure, mustEqual } from "../measure.mjs";
import { serve } from "../servers.mjs";
import { factor, milliseconds, table } from "../text.mjs";

const ROUNDS = 15;

export default async function startUp() {
  const modules = ["compaction", "repair"];
  const status = bushyStatus(0, 1);
  const server = await serve((path) => (path.endsWith("list_modules") ? modules : status));
  const at = ["--url", server.url];
  const rows = [];
  for (const binary of NODES) {
    const version = (await measure([binary, "--version"], { keep: true })).stdout.trim();
    const run = (...args) => [binary, TASKS, ...args];
    const runs = await interleave(
      {
        "node -e 0": [binary, "-e", "0"],
        "--version": run("--version"),
        "--help": run("--help"),
        "a usage error": { command: run("lst"), expectedCode: 1 },
        modules: run(...at, "modules"),
        "status ID --json": run(...at, "status", status.id, "--json"),
      },
      ROUNDS,
    );
    const shown = await measure(run(...at, "status", status.id, "--json"), { keep: true });
    mustEqual("status", JSON.parse(shown.stdout).id, status.id);
    mustEqual("modules", (await measure(run(...at, "modules"), { keep: true })).stdout, "compaction\nrepair\n");
    // Node 20 keeps no compiled code from one run to the next.
    const [versionTarget, helpTarget, requestTarget] = version.startsWith("v20.")
      ? ["1.45", "1.55", "2.15"]
      : ["1.3", "1.35", "1.9"];
    for (const [name, target] of [
      ["node -e 0", ""],
      ["--version", versionTarget],
      ["--help", helpTarget],
      ["a usage error", ""],
      ["modules", requestTarget],
      ["status ID --json", requestTarget],
    ]) {
      rows.push([version, name, milliseconds(runs.ms(name)), factor(runs.ratio(name, "node -e 0")), target]);
    }
  }
  await server.stop();
  return table(["Node", "command", "time", "ratio to `node -e 0`", "target"], rows);
}
