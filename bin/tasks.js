#!/usr/bin/env node
require("./compile-cache.js")();
require("../dist/tasks.cjs").main(process.argv.slice(2));
