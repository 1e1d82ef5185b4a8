import { describe, expect, test } from "vitest";
import { runInProcess } from "../fixtures/run-in-process.js";
import { ID } from "../fixtures/wait-servers.js";

describe("usage of wait, abort and start", () => {
  test.each([
    [["wait"], "required parameter is missing: id"],
    [["wait", "--keyspace", "shop"], "option '--keyspace' needs --module"],
    [["wait", ID, "--module", "compaction"], "give either ids or --module"],
    [["wait", ID, "--any", "--fail-fast"], "give either --any or --fail-fast"],
    [["wait", ID, "--timeout", "soon"], "It takes seconds or a duration such as 90, 30s, 5m or 1h30m"],
    [["wait", ID, "--progress", "loud"], "auto, plain, none"],
    [["abort", ID, "--keyspace", "shop"], "option '--keyspace' needs --module"],
    [["abort", ID, "--dry-run"], "option '--dry-run' needs --module"],
    [["start", "cleanup", "shop", "--timeout", "5"], "option '--timeout' needs --wait"],
    [["start", "cleanup", "shop", "--progress", "plain"], "option '--progress' needs --wait"],
    [["start", "cleanup", "shop", "--history", "journal"], "option '--history' needs --wait"],
    [["wait", ID, "--abort-on-timeout"], "option '--abort-on-timeout' needs --timeout"],
    [["status", "abcd", "--exit-status"], "option '--exit-status' needs --watch"],
    [["start", "cleanup", "shop", "--abort-on-timeout"], "option '--abort-on-timeout' needs --wait"],
    [["start", "cleanup", "shop", "--parallel", "2"], "option '--parallel' needs --all-nodes"],
    [["start", "cleanup", "shop", "--keep-going"], "option '--keep-going' needs --all-nodes"],
    [["start", "cleanup"], "required parameter is missing: keyspace"],
    [["start", "scrub", "shop", "--scrub-mode", "hard"], "It takes one of ABORT, SKIP, SEGREGATE, VALIDATE"],
    [["start", "scrub", "shop", "--quarantine-mode", "x"], "It takes one of INCLUDE, EXCLUDE, ONLY"],
    [["start", "cleanup", "shop", "--scrub-mode", "SKIP"], "unrecognised option '--scrub-mode'"],
  ])("%j is an error: %s", async (args, phrase) => {
    // Nothing listens on this port: a request would fail with another code.
    const run = await runInProcess(["-h", "127.0.0.1", "-p", "1", ...args]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain(phrase);
  });
});
