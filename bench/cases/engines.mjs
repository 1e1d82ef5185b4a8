// Ways to send one small request in a fresh process: what each costs against Node's own start, and after the answer.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { NODES } from "../commands.mjs";
import { interleave, measure, median, mustEqual } from "../measure.mjs";
import { serve } from "../servers.mjs";
import { factor, milliseconds, table } from "../text.mjs";

const ROUNDS = 7;
const SOURCE = fileURLToPath(new URL("../one-request.mjs", import.meta.url));

const WAYS = [
  ["http", "node:http (`http-engine.ts`)"],
  ["undici", "undici (`undici-engine.ts`)"],
  ["undici-liftoff", "undici, `--liftoff-only` set before the first request"],
  ["client", "undici's dispatcher alone"],
  ["client-liftoff", "undici's dispatcher alone, `--liftoff-only`"],
];

export default async function engines() {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  try {
    // Bundled as the program is, so that the files of a package do not count.
    await build({
      input: { request: SOURCE },
      platform: "node",
      logLevel: "warn",
      output: { dir: folder, format: "cjs", entryFileNames: "[name].cjs", minify: true },
    });
    return await compare(join(folder, "request.cjs"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compare(program) {
  const server = await serve(() => ["compaction", "repair"]);
  const rows = [];
  for (const binary of NODES) {
    const version = (await measure([binary, "--version"], { keep: true })).stdout.trim();
    const commandOf = (way) => [binary, program, way, server.url];
    const commands = Object.fromEntries(WAYS.map(([way]) => [way, commandOf(way)]));
    const runs = await interleave({ nothing: [binary, "-e", "0"], ...commands }, ROUNDS);
    for (const [way, title] of WAYS) {
      const after = [];
      for (let round = 0; round < ROUNDS; round++) {
        const { startedAt, ms, stdout } = await measure(commandOf(way), { keep: true });
        after.push(startedAt + ms - server.lastAnswerAt());
        mustEqual(way, stdout, "compaction\nrepair\n");
      }
      rows.push([
        version,
        title,
        milliseconds(runs.ms(way)),
        factor(runs.ratio(way, "nothing")),
        milliseconds(median(after)),
      ]);
    }
  }
  await server.stop();
  return table(["Node", "one small request", "time", "ratio to `node -e 0`", "ends after the answer"], rows);
}
