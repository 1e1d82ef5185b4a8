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

/**
 * In CommonJS, `import()` of a module of Node's would start the loader of ES modules, and is not allowed where compiled code
 * comes from a cache (bin/compile-cache.js).
 */
const requiredBuiltins = {
  name: "required-builtins",
  transform: (code) => ({ code: code.replaceAll(/\bawait import\(("node:[^"]+")\)/g, "require($1)") }),
};

/** The entry brings the bundler's helpers along for all chunks: a file less to find and read in every run. */
const inlineRuntime = {
  name: "inline-runtime",
  generateBundle(_, bundle) {
    const runtime = "chunks/rolldown-runtime.cjs";
    const { code } = bundle[runtime];
    for (const chunk of Object.values(bundle)) {
      const helpers = chunk.isEntry
        ? `exports.runtime=(()=>{const exports={};${code};return exports})()`
        : 'require("../tasks.cjs").runtime';
      chunk.code = chunk.code.replace(/require\("\.\/(chunks\/)?rolldown-runtime\.cjs"\)/, () => helpers);
    }
    delete bundle[runtime];
  },
};

const common = { platform: "node", logLevel: "warn" };
// Built aside and copied over, so that a program that runs meanwhile never finds half a bundle.
const aside = await mkdtemp("dist-");
try {
  await build({
    ...common,
    input: { tasks: "src/main.ts" },
    plugins: [withoutChildProcess, requiredBuiltins, inlineRuntime],
    // Lets lazily loaded chunks share what the entry holds, instead of a chunk of its own for each shared module.
    preserveEntrySignatures: "allow-extension",
    output: {
      dir: aside,
      format: "cjs",
      entryFileNames: "[name].cjs",
      chunkFileNames: "chunks/[name].cjs",
      minify: true,
      codeSplitting: {
        groups: [{ name: "core", tags: ["$initial"], priority: 3 }],
      },
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
