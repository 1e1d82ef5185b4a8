// Builds dist/: the command line as one CommonJS bundle with lazily loaded chunks, because that starts fastest, and the two
// library entries as ES modules that leave their dependencies to the package manager.
import { rm } from "node:fs/promises";
import { build } from "rolldown";

await rm("dist", { recursive: true, force: true });
const common = { platform: "node", logLevel: "warn" };
await build({
  ...common,
  input: { tasks: "src/main.ts" },
  output: {
    dir: "dist",
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "chunks/[name].cjs",
    minify: true,
  },
});
await build({
  ...common,
  input: { client: "src/client/index.ts", mock: "src/mock/index.ts" },
  external: /^[^./]/,
  output: { dir: "dist", format: "esm", chunkFileNames: "chunks/[name].js" },
});
