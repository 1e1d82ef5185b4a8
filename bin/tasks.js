#!/usr/bin/env node
const { statSync } = require("node:fs");
const { isAbsolute, join } = require("node:path");

/** Compiled code is only kept in a folder of the user's own: whoever writes there decides what the next run does. */
function cacheFolder({ XDG_CACHE_HOME = "", HOME = "" }) {
  const base = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : HOME;
  const found = isAbsolute(base) ? statSync(base, { throwIfNoEntry: false }) : undefined;
  // Not so where `sudo` left the HOME of somebody else.
  if (found?.uid !== process.getuid?.() || (found?.mode & 0o022) !== 0) return undefined;
  return base === HOME ? join(HOME, ".cache", "scylla-tasks") : join(base, "scylla-tasks");
}

// Node 20 has no such cache, and loading node:module there takes time.
const { enableCompileCache } = process.versions.node.startsWith("20.") ? {} : require("node:module");
const folder = enableCompileCache && cacheFolder(process.env);
if (folder !== undefined) enableCompileCache(folder);

require("../dist/tasks.cjs").main(process.argv.slice(2));
