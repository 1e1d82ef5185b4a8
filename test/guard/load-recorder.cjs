// For `node --require`: writes at exit, to the file that GUARD_RECORD names, what was loaded, one name a line.
const { writeFileSync } = require("node:fs");
const Module = require("node:module");

const { _load: load, isBuiltin } = Module;
const loaded = new Set();
Module._load = function (request, ...rest) {
  const name = String(request);
  if (isBuiltin(name)) loaded.add(name.startsWith("node:") ? name : `node:${name}`);
  else if (name.endsWith(".cjs")) loaded.add(name.replace(/^.*\//, ""));
  else if (!name.endsWith("/bin/tasks.js")) loaded.add(name);
  return load.call(this, request, ...rest);
};
process.on("exit", () => writeFileSync(process.env.GUARD_RECORD, [...loaded].sort().join("\n")));
