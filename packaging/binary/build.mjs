// Builds single executables: `npm run build:binary -- [x64|arm64 ...]` makes one file of Node and dist/ for each kind of machine,
// in packaging/out/. By default for the machine on which it runs. Node comes as a package of npm.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const DIST = join(ROOT, "dist");
const OUT = join(ROOT, "packaging/out");
const CACHE = join(ROOT, "node_modules/.cache/binary");
/** The first line of Node that builds single executables by itself is 25.5. */
const NODE = "26.10.0";

/** The folder of Node for a kind of machine. */
function nodeFor(arch) {
  const folder = join(CACHE, `node-${NODE}-${arch}`);
  if (existsSync(folder)) return folder;
  const aside = mkdtempSync(join(CACHE, "download-"));
  const packed = execFileSync("npm", ["pack", "--silent", `node-linux-${arch}@${NODE}`], {
    cwd: aside,
    encoding: "utf8",
  }).trim();
  execFileSync("tar", ["-xzf", packed, "package/bin/node", "package/LICENSE"], { cwd: aside });
  renameSync(join(aside, "package"), folder);
  rmSync(aside, { recursive: true });
  return folder;
}

/** Commands whose code is compiled beforehand; what they load is kept. */
const COMPILED = [
  ["--version"],
  ["--help"],
  ["list", "--help"],
  ["__complete", "zsh", "--mock", "list", ""],
  ["--mock", "list", "compaction", "--json", "--state", "running"],
  ["--mock", "list", "--all", "--color", "always"],
  ["--mock", "tree"],
  ["--mock", "explain", "e8614209-1796-4ef4-986d-19379d80e493"],
  ["--mock", "wait", "--module", "node_ops", "--timeout", "1ms", "--quiet"],
  ["--mock", "start", "cleanup", "shop", "-o", "yaml"],
  ["--mock", "idle"],
  ["--mock", "doctor"],
];

function compile(node, folder) {
  const env = { ...process.env, TASKS_CONFIG: "/nonexistent" };
  for (const args of COMPILED) {
    try {
      execFileSync(node, [join(import.meta.dirname, "compile.cjs"), DIST, folder, ...args], { env, stdio: "ignore" });
    } catch (error) {
      // The exit codes of the commands say something else.
      if (typeof error.status !== "number") throw error;
    }
  }
}

function build(arch) {
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, "build-"));
  try {
    const node = join(nodeFor(arch), "bin/node");
    const builder = join(nodeFor(process.arch), "bin/node");
    const files = [
      join(DIST, "tasks.cjs"),
      ...readdirSync(join(DIST, "chunks"))
        .filter((name) => name.endsWith(".cjs"))
        .map((name) => join(DIST, "chunks", name)),
    ];
    // Compiled code is of one kind of machine: of another one it cannot be made here.
    if (arch === process.arch) compile(node, work);
    for (const file of files) copyFileSync(file, join(work, file.slice(file.lastIndexOf("/") + 1)));
    const assets = Object.fromEntries(
      readdirSync(work)
        .sort()
        .map((name) => [name, join(work, name)]),
    );
    const [loader, main] = ["loader.cjs", "main.cjs"].map((name) =>
      readFileSync(join(import.meta.dirname, name), "utf8"),
    );
    writeFileSync(join(work, "main.cjs"), loader.replace(/^module\.exports.*$/m, "") + main);
    const config = {
      main: join(work, "main.cjs"),
      output: join(work, "tasks"),
      executable: node,
      assets,
      disableExperimentalSEAWarning: true,
    };
    writeFileSync(join(work, "config.json"), JSON.stringify(config));
    mkdirSync(OUT, { recursive: true });
    execFileSync(builder, ["--build-sea", join(work, "config.json")], { stdio: ["ignore", "ignore", "inherit"] });
    // Put in place at once: one that runs meanwhile could not be written to.
    const output = join(OUT, `tasks-linux-${arch}`);
    renameSync(join(work, "tasks"), output);
    copyFileSync(join(nodeFor(arch), "LICENSE"), join(OUT, "NODE-LICENSE.txt"));
    return output;
  } finally {
    rmSync(work, { recursive: true });
  }
}

const architectures = process.argv.slice(2);
for (const arch of architectures.length === 0 ? [process.arch] : architectures)
  process.stdout.write(`${build(arch)}\n`);
