// Builds dist/: the command line as one CommonJS bundle with lazily loaded chunks, because that starts fastest, and the two
// library entries as ES modules that leave their dependencies to the package manager.
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { build } from "rolldown";

/**
 * commander loads node:child_process for subcommands that are programs of their own. There are none here, and loading it
 * takes a tenth of the start.
 */
const withoutChildProcess = {
  name: "without-child-process",
  resolveId: (id, importer) =>
    id === "node:child_process" && importer?.includes("commander") ? "\0nothing" : undefined,
  load: (id) => (id === "\0nothing" ? "export {};" : undefined),
};

const common = { platform: "node", logLevel: "warn" };
// Built aside and copied over, so that a program that runs meanwhile never finds half a bundle.
const aside = await mkdtemp("dist-");
try {
  await build({
    ...common,
    input: { tasks: "src/main.ts" },
    plugins: [withoutChildProcess],
    // Lets lazily loaded chunks share what the entry holds, instead of a chunk of its own for each shared module.
    preserveEntrySignatures: "allow-extension",
    output: {
      dir: aside,
      format: "cjs",
      entryFileNames: "[name].cjs",
      chunkFileNames: "chunks/[name].cjs",
      minify: true,
      // What the program and its lazily loaded chunks share would else become a chunk, and a file to open, for each module.
      codeSplitting: { groups: [{ name: "shared", test: /src\/(vocabulary|client\/wire|format\/printable)\.ts$/ }] },
    },
  });
  await build({
    ...common,
    input: { client: "src/client/index.ts", mock: "src/mock/index.ts" },
    external: /^[^./]/,
    output: { dir: aside, format: "esm", chunkFileNames: "chunks/[name].js" },
  });
  await cp(aside, "dist", { recursive: true });
  // Chunks of an earlier build that this one no longer has.
  const made = new Set(await readdir(`${aside}/chunks`));
  for (const name of await readdir("dist/chunks")) if (!made.has(name)) await rm(`dist/chunks/${name}`);
} finally {
  await rm(aside, { recursive: true });
}
