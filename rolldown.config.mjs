import { relative } from "node:path";
import { dynamicImportVarsPlugin, importGlobPlugin } from "rolldown/experimental";
import { importSources } from "./build/import-sources.mjs";
import { timelinePage } from "./build/timeline-page.mjs";

/** What is built, for build.mjs and for the tests that look at what a command loads. */
const common = { platform: "node", logLevel: "warn", checks: { pluginTimings: false } };

const COMMANDER = `${import.meta.dirname}/node_modules/commander/lib/`;
const COMMANDER_PARTS = ["argument", "command", "error", "help", "option"];

/**
 * Reads commander, which is CommonJS, as ES modules: so its classes are in the scope of the program, without functions around
 * them that V8 would compile in each run. And without node:child_process, which is for subcommands that are programs of their
 * own, and takes a twentieth of Node's own start.
 */
const commanderAsModules = {
  name: "commander-as-modules",
  resolveId: (id) => (id === "commander" ? "\0commander" : undefined),
  load: (id) =>
    id === "\0commander"
      ? COMMANDER_PARTS.map((part) => `export * from "${COMMANDER}${part}.js";`).join("\n")
      : undefined,
  transform(code, id) {
    if (!id.startsWith(COMMANDER)) return;
    return code
      .replace("const childProcess = require('node:child_process');", "")
      .replaceAll(/^const (.+) = require\(('\..+')\);$/gm, "import $1 from $2;")
      .replaceAll(/^exports\.(\w+) = \1;/gm, "export { $1 };");
  },
};

/** Whether a module is a source of the project, at such a path in src/. */
const source = (path) => (id) => {
  const inSources = relative(`${import.meta.dirname}/src`, id);
  return !inSources.startsWith("..") && path.test(inSources);
};

const splitting = [dynamicImportVarsPlugin(), importGlobPlugin()];

/** What the sources tell of the program, for parts of it that are made when it is built. */
const sources = () => importSources(["cli/program.ts", "cli/help.ts", "commands.ts", "command-table.ts"], splitting);

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
 * Two things that rolldown writes, shorter. What the parts share is exported by getters, for variables that may change later:
 * none of these does, and plain properties are a tenth of the bytes. And rolldown's helpers are a file of their own: the part that
 * every request loads gets a copy, because loading the file takes longer than reading it.
 */
const fewerBytesAndFiles = {
  name: "fewer-bytes-and-files",
  generateBundle(_options, bundle) {
    const parts = Object.values(bundle).filter(({ type }) => type === "chunk");
    for (const part of parts) {
      part.code = part.code.replaceAll(
        /Object\.defineProperty\(exports,"(\w+)",\{enumerable:!0,get:function\(\)\{return *([^}]+)\}\}\)/g,
        "exports.$1=$2",
      );
    }
    const helpers = parts.find(({ name }) => name === "rolldown-runtime");
    const run = parts.find(({ name }) => name === "run");
    run.code = run.code.replace(
      'require("./rolldown-runtime.cjs")',
      () => `(()=>{const exports={};${helpers.code};return exports})()`,
    );
  },
};

/** The command line. The entry holds what every run needs; each command, and what else an `import()` names, is a file of its own. */
export const program = {
  ...common,
  input: { tasks: "src/main.ts" },
  plugins: [commanderAsModules, withHelp, withCommandTable, withTimelinePage, fewerBytesAndFiles, ...splitting],
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
