// `npm run bench` measures all cases, `npm run bench -- list tree` some; prints Markdown.
import * as cases from "./cases.mjs";

const names = process.argv.slice(2);
for (const [name, run] of Object.entries(cases)) {
  if (names.length > 0 && !names.includes(name)) continue;
  process.stdout.write(`## ${name}\n\n${await run()}\n\n`);
}
