// The main script of a single executable; loader.cjs stands before it in the same file.
const { getAsset, getAssetKeys, getRawAsset } = require("node:sea");

const cached = new Set(getAssetKeys().filter((key) => key.endsWith(".cache")));
const readCache = (name) => (cached.has(`${name}.cache`) ? Buffer.from(getRawAsset(`${name}.cache`)) : undefined);
createLoader((name) => getAsset(name, "utf8"), readCache)
  .load("tasks.cjs")
  .main(process.argv.slice(2));
