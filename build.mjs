// Builds dist/: the command line as one CommonJS program with parts that are loaded when they are needed, because that
// starts fastest, and the library entries as ES modules, and as CommonJS modules. And man/, the man pages.
import { chmod, cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { rolldown } from "rolldown";
import { writeManPages } from "./build/man-pages.mjs";
import { thirdPartyLicenses } from "./build/third-party-licenses.mjs";
import { timelinePage } from "./build/timeline-page.mjs";
import { builds } from "./rolldown.config.mjs";

// Built aside and put in place at once, so that a program that runs meanwhile never finds half a bundle.
const aside = await mkdtemp("dist-");
try {
  const modules = [...(await timelinePage()).moduleIds];
  for (const { output, ...input } of builds) {
    const bundle = await rolldown(input);
    const written = await bundle.write({ ...output, dir: aside });
    for (const { moduleIds = [] } of written.output) modules.push(...moduleIds);
    await bundle.close();
  }
  await writeFile(`${aside}/THIRD-PARTY-LICENSES.txt`, await thirdPartyLicenses(modules));
  await cp(aside, "dist", { recursive: true });
  // mkdtemp makes folders for their owner alone; a monitor runs the program as another user.
  await chmod("dist", 0o755);
  // Parts of an earlier build that this one no longer has.
  for (const folder of ["chunks", "cjs/chunks"]) {
    const made = new Set(await readdir(`${aside}/${folder}`));
    for (const name of await readdir(`dist/${folder}`)) if (!made.has(name)) await rm(`dist/${folder}/${name}`);
  }
} finally {
  await rm(aside, { recursive: true });
}
await writeManPages();
