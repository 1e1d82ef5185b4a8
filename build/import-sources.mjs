import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const ROOT = join(import.meta.dirname, "..");
/** Here Node finds the packages that the sources import. */
const CACHE = join(ROOT, "node_modules/.cache");
const PACKAGE = /^[@a-z][\w-]*(\/|$)/;
const ENTRY = "\0entry";

/** What sources of the project export, by their paths in `src/`: they are bundled, without the packages that they use, and imported. */
export async function importSources(paths, plugins) {
  const entry = {
    name: "entry",
    resolveId: (id) => (id === ENTRY ? id : undefined),
    load: (id) =>
      id === ENTRY ? paths.map((path) => `export * from "${join(ROOT, "src", path)}";`).join("\n") : undefined,
  };
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, "build-"));
  try {
    const input = {
      input: ENTRY,
      platform: "node",
      logLevel: "silent",
      plugins: [entry, ...plugins],
      external: PACKAGE,
    };
    const bundle = await rolldown(input);
    await bundle.write({ format: "esm", file: join(folder, "source.mjs"), codeSplitting: false });
    await bundle.close();
    return await import(pathToFileURL(join(folder, "source.mjs")).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}
