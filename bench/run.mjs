// `npm run bench` measures everything, `npm run bench -- list tree` some of it; prints Markdown.
import { existsSync } from "node:fs";
import { TASKS } from "./commands.mjs";

const CASES = [
  "start-up",
  "engines",
  "list",
  "tree",
  "drawn-tree",
  "nodes",
  "waits",
  "mock",
  "growth",
  "history",
  "top",
];

const names = process.argv.slice(2);
const unknown = names.find((name) => !CASES.includes(name));
if (unknown !== undefined) throw new Error(`there is no case '${unknown}': ${CASES.join(", ")}`);
if (!existsSync(new URL("../dist/tasks.cjs", import.meta.url))) throw new Error(`${TASKS} is not built: npm run build`);

for (const name of names.length === 0 ? CASES : names) {
  const { default: run } = await import(`./cases/${name}.mjs`);
  const started = performance.now();
  process.stdout.write(`## ${name}\n\n${await run()}\n\n`);
  process.stderr.write(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
}
