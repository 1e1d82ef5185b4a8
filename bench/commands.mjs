// The commands that are measured.
import { fileURLToPath } from "node:url";

export const TASKS = fileURLToPath(new URL("../bin/tasks.js", import.meta.url));
const PARSE = fileURLToPath(new URL("./parse-alone.mjs", import.meta.url));

export const node = process.execPath;

/** Node binaries to start with: the one that runs the bench, and others that the caller names. */
export const NODES = [node, ...(process.env.BENCH_NODES ?? "").split(",").filter(Boolean)];

export const tasks = (server, ...args) => [node, TASKS, "--url", server.url, ...args];
export const parseAlone = (url) => [node, PARSE, url];
export const shell = (line) => ["/bin/sh", "-c", line];
