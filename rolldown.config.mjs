import { relative } from "node:path";
import { dynamicImportVarsPlugin, importGlobPlugin } from "rolldown/experimental";
import { importSources } from "./build/import-sources.mjs";
import { timelinePage } from "./build/timeline-page.mjs";

/** What is built, for build.mjs and for the tests that look at what a command loads. */
const common = { platform: "node", logLevel: "warn", checks: { pluginTimings: false } };

/**
 * commander loads node:child_process for subcommands that are programs of their own. There are none here, and loading it
 * takes a twentieth of Node's own start.
 */
const withoutChildProcess = {
  name: "without-child-process",
  resolveId: (id, importer) =>
    id === "node:child_process" && importer?.includes("node_modules/commander") ? "\0nothing" : undefined,
  load: (id) => (id === "\0nothing" ? "export {};" : undefined),
};

/** Whether a module is a source of the project, at such a path in src/. */
const source = (path) => (id) => {
  const inSources = relative(`${import.meta.dirname}/src`, id);
  return !inSources.startsWith("..") && path.test(inSources);
};

const splitting = [dynamicImportVarsPlugin(), importGlobPlugin()];

/** What the sources tell of the program, for parts of it that are made when it is built. */
const sources = () =>
  importSources(
    ["cli/program.ts", "cli/help.ts", "commands.ts", "command-table.ts"],
    [withoutChildProcess, ...splitting],
  );

/** Makes the text of `tasks --help` by asking the program, so that a run need not load what makes it. */
const withHelp = {
  name: "with-help",
  async load(id) {
    if (!source(/^cli\/help\.ts$/)(id)) return;
    const { buildProgram, COMMANDS, HELP_COLUMNS } = await sources();
    const { command, help } = buildProgram({ stdout: { columns: HELP_COLUMNS } }, COMMANDS);
    command.outputHelp();
    return { code: `export const HELP_COLUMNS = ${HELP_COLUMNS}, HELP = ${JSON.stringify(help())};`, moduleType: "js" };
  },
};

/**
 * Puts what `src/command-table.ts` returns in its place: completion has to be fast, and reading the definitions of all commands
 * is not.
 */
const withCommandTable = {
  name: "with-command-table",
  async load(id) {
    if (!source(/^command-table\.ts$/)(id)) return;
    const { commandTable } = await sources();
    // A string of JSON is read faster than an object of JavaScript.
    const json = JSON.stringify(JSON.stringify(await commandTable()));
    return { code: `export const commandTable = async () => JSON.parse(${json});`, moduleType: "js" };
  },
};

/** The page that `timeline --html` writes is text of the program, so that the program needs no file beside it. */
const withTimelinePage = {
  name: "with-timeline-page",
  async load(id) {
    if (!source(/^timeline\/page-texts\.ts$/)(id)) return;
    return { code: `export const PAGE = ${JSON.stringify((await timelinePage()).texts)};`, moduleType: "js" };
  },
};

/**
 * rolldown exports what the parts share by getters, for variables that may change later. None of these does, and plain
 * properties are a tenth of the bytes that a run has to read.
 */
const plainExports = {
  name: "plain-exports",
  generateBundle(_options, bundle) {
    for (const part of Object.values(bundle)) {
      if (part.type !== "chunk") continue;
      part.code = part.code.replaceAll(
        /Object\.defineProperty\(exports,"(\w+)",\{enumerable:!0,get:function\(\)\{return *([^}]+)\}\}\)/g,
        "exports.$1=$2",
      );
    }
  },
};

/** The command line. The entry holds what every run needs; each command, and what else an `import()` names, is a file of its own. */
export const program = {
  ...common,
  input: { tasks: "src/main.ts" },
  plugins: [withoutChildProcess, withHelp, withCommandTable, withTimelinePage, plainExports, ...splitting],
  // Lets lazily loaded parts share what the entry holds, instead of a file for each shared module.
  preserveEntrySignatures: "allow-extension",
  output: {
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "chunks/[name].cjs",
    minify: true,
    // Node reads, and V8 scans, a file of ASCII alone in half the bytes.
    charset: "ascii",
    // `import()` of a module of Node's would start the loader of ES modules.
    dynamicImportInCjs: false,
    // To load a file takes half a millisecond, a kilobyte a thirtieth of one: what every request needs is one file, with the
    // commands that are small; what several commands need is another.
    codeSplitting: {
      groups: [
        { name: "core", tags: ["$initial"], priority: 5 },
        // What completion needs of it.
        { name: "words", test: source(/^(vocabulary|strings\/printable|cli\/nodetool-spellings)\.ts/), priority: 5 },
        {
          name: "run",
          test: source(/^(cli\/command-line|commands\/(drain|modules|status|ttl|user-ttl))\.ts/),
          priority: 4,
        },
        {
          name: "shared",
          test: source(
            /^(cli|runtime|nodes\/(?!timeline)|tasks\/(?!timeline\/)|strings|format\/(?!terminal|\w+\/time))/,
          ),
          minShareCount: 3,
          priority: 2,
        },
        { name: "journal", test: source(/^(journal|history)\//), minShareCount: 2, priority: 2 },
        {
          name: "timeline",
          test: source(/^(tasks\/timeline|nodes\/timeline|format\/(text|reports)\/timeline-)/),
          priority: 0,
        },
        { name: "waits", test: source(/^(waiting|cli)\//), minShareCount: 2, priority: 1 },
      ],
    },
  },
};

/**
 * The library: the client leaves its one dependency to the package manager, the mock brings all of its own, so that no
 * package of a package can break an installation.
 */
const library = {
  ...common,
  input: { index: "src/index.ts", client: "src/client/index.ts", mock: "src/mock/index.ts" },
  external: ["undici"],
  output: { format: "esm", chunkFileNames: "chunks/[name].js" },
};

/** The same for programs that are CommonJS themselves. */
const libraryForRequire = {
  ...library,
  plugins: [
    {
      name: "commonjs-folder",
      generateBundle() {
        this.emitFile({ type: "asset", fileName: "cjs/package.json", source: '{ "type": "commonjs" }\n' });
      },
    },
  ],
  output: { format: "cjs", entryFileNames: "cjs/[name].js", chunkFileNames: "cjs/chunks/[name].js" },
};

export const builds = [program, library, libraryForRequire];
