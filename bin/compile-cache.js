// What V8 compiled of the bundle in one run is read back in the next, which saves a quarter of Node's own start. Node 22 has
// `module.enableCompileCache()` for this; it takes twice as long, and keeps the code where other users may write.
const fs = require("node:fs");
const { basename, dirname, join } = require("node:path");
const { Script } = require("node:vm");

/**
 * Where the user's compiled code is kept, if anywhere. Whoever can write there decides what the user's next run does, so the
 * place must be the user's own: not that of somebody else whose HOME a `sudo` left in the environment.
 */
function cacheDirectory({ NODE_DISABLE_COMPILE_CACHE, XDG_CACHE_HOME, HOME }) {
  if (NODE_DISABLE_COMPILE_CACHE || !process.getuid || !HOME) return undefined;
  try {
    if (fs.statSync(HOME).uid !== process.getuid()) return undefined;
  } catch {
    return undefined;
  }
  return join(XDG_CACHE_HOME || join(HOME, ".cache"), "scylla-tasks", `${process.version}-${process.arch}`);
}

const STAMP_BYTES = 16;

/** Tells one build of a file from every other, even where a package manager sets the times of what it unpacks. */
function stampOf(filename) {
  const { ctimeMs, mtimeMs } = fs.statSync(filename);
  return Buffer.from(new Float64Array([ctimeMs, mtimeMs]).buffer);
}

/**
 * @returns the code that was kept of this build. V8 does not look whether code is whole, and a broken one ends the process: it
 * stands there twice, and two that are alike are whole.
 */
function readKept(path, stamp) {
  let file;
  try {
    file = fs.openSync(path, "r");
    const { uid, mode, size } = fs.fstatSync(file);
    if (uid !== process.getuid() || (mode & 0o022) !== 0) return undefined;
    const kept = Buffer.allocUnsafeSlow(size);
    fs.readSync(file, kept);
    const middle = (STAMP_BYTES + size) / 2;
    const code = kept.subarray(STAMP_BYTES, middle);
    return stamp.equals(kept.subarray(0, STAMP_BYTES)) && code.equals(kept.subarray(middle)) ? code : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) fs.closeSync(file);
  }
}

function keep(path, stamp, script) {
  const unfinished = `${path}.${process.pid}`;
  try {
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = fs.openSync(unfinished, "wx", 0o600);
    try {
      const code = script.createCachedData();
      fs.writeFileSync(file, Buffer.concat([stamp, code, code]));
    } finally {
      fs.closeSync(file);
    }
    // Whoever reads meanwhile finds the old file or the new one, and never half of one.
    fs.renameSync(unfinished, path);
  } catch {
    // A full or read-only disk must not show: it is no more than slower.
    try {
      fs.unlinkSync(unfinished);
    } catch {
      // It was never made.
    }
  }
}

/** As `node:module`, which takes half a millisecond to load. */
const Module = module.constructor;
const BUNDLE = join(__dirname, "..", "dist");

/** Keeps what is compiled of the bundle from here on. */
module.exports = function enableCompileCache() {
  const cache = cacheDirectory(process.env);
  if (cache === undefined) return;
  const compile = Module.prototype._compile;
  const compiled = [];
  Module.prototype._compile = function (source, filename) {
    if (!filename.startsWith(BUNDLE)) return compile.call(this, source, filename);
    const path = join(cache, basename(filename));
    const stamp = stampOf(filename);
    const cachedData = readKept(path, stamp);
    const script = new Script(Module.wrap(source), { filename, cachedData });
    if (cachedData === undefined || script.cachedDataRejected) compiled.push([path, stamp, script]);
    const wrapped = script.runInThisContext();
    return wrapped.call(this.exports, this.exports, this.require.bind(this), this, filename, dirname(filename));
  };
  // At the end, when V8 has compiled what a run needs.
  process.on("exit", () => {
    for (const each of compiled) keep(...each);
  });
};
