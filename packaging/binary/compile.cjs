// Run by the Node of a single executable: `node compile.cjs DIST FOLDER ARGUMENT...` runs a command, and writes the compiled code of
// what it loaded to the folder. Run once for each command that is to start fast.
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { createLoader } = require("./loader.cjs");

const [dist, folder, ...args] = process.argv.slice(2);
const places = (name) => [join(dist, name), join(dist, "chunks", name)].find(existsSync);
const cacheOf = (name) => join(folder, `${name}.cache`);
const readCache = (name) => (existsSync(cacheOf(name)) ? readFileSync(cacheOf(name)) : undefined);
const { load, scripts } = createLoader((name) => readFileSync(places(name), "utf8"), readCache);
process.on("exit", () => {
  for (const [name, script] of scripts) writeFileSync(cacheOf(name), script.createCachedData());
});
load("tasks.cjs").main(args);
