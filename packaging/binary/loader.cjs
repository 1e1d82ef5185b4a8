const { Script } = require("node:vm");

/**
 * Loads the files of dist/ from wherever they are kept, each once, as `require` does.
 * @param read gives the text of a file by its name
 * @param readCache gives its compiled code, where there is some
 * @returns `load`, and the scripts that were loaded, by name
 */
function createLoader(read, readCache) {
  const modules = new Map();
  const scripts = new Map();
  function load(path) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (!name.endsWith(".cjs")) return require(path);
    const loaded = modules.get(name);
    if (loaded !== undefined) return loaded.exports;
    const module = { exports: {} };
    modules.set(name, module);
    const code = `(function (module, exports, require) {${read(name)}\n})`;
    const script = new Script(code, { filename: name, cachedData: readCache(name) });
    scripts.set(name, script);
    script.runInThisContext()(module, module.exports, load);
    return module.exports;
  }
  return { load, scripts };
}

module.exports = { createLoader };
