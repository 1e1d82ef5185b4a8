#!/usr/bin/env node
// Node 22 and newer keep the compiled bundle from one run to the next, which saves a tenth of the start.
require("node:module").enableCompileCache?.();
const { main } = require("../dist/tasks.cjs");

main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
  // Whoever interrupts it waits for no reader of what is yet to be written.
  if (exitCode > 128) process.exit();
});
