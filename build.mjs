// Builds dist/: the command line as one CommonJS program with parts that are loaded when they are needed, because that
// starts fastest, and the library entries as ES modules, and as CommonJS modules. And man/, the man pages.
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { rolldown } from "rolldown";
import { writeManPages } from "./build/man-pages.mjs";
import { builds } from "./rolldown.config.mjs";

// Built aside and put in place at once, so that a program that runs meanwhile never finds half a bundle.
const aside = await mkdtemp("dist-");
try {
  for (const { output, ...input } of builds) {
    const bundle = await rolldown(input);
    await bundle.write({ ...output, dir: aside });
    await bundle.close();
  }
  await cp(aside, "dist", { recursive: true });
  // Parts of an earlier build that this one no longer has.
  for (const folder of ["chunks", "cjs/chunks"]) {
    const made = new Set(await readdir(`${aside}/${folder}`));
    for (const name of await readdir(`dist/${folder}`)) if (!made.has(name)) await rm(`dist/${folder}/${name}`);
  }
} finally {
  await rm(aside, { recursive: true });
}
await writeManPages();
