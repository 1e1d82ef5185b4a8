// For `node --require`: writes at exit, to the file that GUARD_RECORD names, what was loaded, one name a line: modules of
// Node's, and paths of files.
const { writeFileSync } = require("node:fs");
const Module = require("node:module");

const { _load: load, _resolveFilename: resolve, isBuiltin } = Module;
const loaded = new Set();
Module._load = function (request, parent, isMain) {
  const name = String(request);
  if (isBuiltin(name)) loaded.add(name.startsWith("node:") ? name : `node:${name}`);
  else loaded.add(resolve.call(this, request, parent, isMain));
  return load.call(this, request, parent, isMain);
};
process.on("exit", () => writeFileSync(process.env.GUARD_RECORD, [...loaded].sort().join("\n")));
