// Builds dist/: the command line as one CommonJS bundle with lazily loaded chunks, because that starts fastest, and the two
// library entries as ES modules that leave their dependencies to the package manager.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { build } from "rolldown";

const common = { platform: "node", logLevel: "warn" };
// Built aside and copied over, so that a program that runs meanwhile never finds half a bundle.
const aside = await mkdtemp("dist-");
try {
  await build({
    ...common,
    input: { tasks: "src/main.ts" },
    output: {
      dir: aside,
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
    output: { dir: aside, format: "esm", chunkFileNames: "chunks/[name].js" },
  });
  await cp(aside, "dist", { recursive: true });
} finally {
  await rm(aside, { recursive: true });
}
