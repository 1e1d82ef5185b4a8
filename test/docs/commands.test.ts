import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { normaliseArgv } from "../../src/cli/nodetool-spellings.js";
import { buildProgram } from "../../src/cli/program.js";
import type { Commands } from "../../src/cli/registry.js";
import { parsedArguments, type Read } from "../../src/cli/registry.js";
import { COMMANDS } from "../../src/commands.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { BLOCKS } from "./fenced-blocks.js";

/** The commands, which read their arguments and then do nothing. */
const READ_ONLY: Commands = {
  ...COMMANDS,
  load: async (name) => {
    const { register } = await COMMANDS.load(name);
    const onlyRead =
      (_run: unknown, read: Read<unknown>) =>
      async (...args: unknown[]) => {
        const { parsed, positionals, variadic } = parsedArguments(args);
        await read(parsed, positionals, variadic);
      };
    return { register: (registry) => register({ ...registry, action: onlyRead, localAction: onlyRead }) };
  },
};

/** @throws UsageError where the program would not take the arguments */
async function check(argv: readonly string[]): Promise<void> {
  const { runtime } = fakeRuntime({ env: {} });
  await buildProgram(runtime, READ_ONLY).command.parseAsync(normaliseArgv(argv), { from: "user" });
}

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";

let folder: string;
/** Stand-ins for every program of an example: they write down what they are called with. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "commands-"));
  const stub = (name: string, body: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  stub(
    "tasks",
    `for word; do printf '%s\\0' "$word"; done > '${join(folder, "calls")}'/$$; [ "$1" = completion ] || echo ${ID}`,
  );
  for (const name of [
    "curl",
    "ssh",
    "npm",
    "npx",
    "jq",
    "xargs",
    "sudo",
    "docker",
    "kubectl",
    "brew",
    "apt-get",
    "dpkg",
  ])
    stub(name, "cat > /dev/null 2>&1 < /dev/null; exit 0");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script with the stand-ins, and says how it called `tasks`. */
function callsOf(script: string): string[][] {
  const calls = join(folder, "calls");
  rmSync(calls, { recursive: true, force: true });
  // A file for each call: those of a pipeline run side by side.
  mkdirSync(calls);
  // What the stand-ins print may end a script early, but not by a fault of its own.
  const { stderr } = spawnSync("bash", ["-c", `id=${ID}; cd '${folder}'\n${script.replace(/\bID\b|<id>/g, ID)}`], {
    env: { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, ALERT_URL: "https://alerts.example.com" },
    encoding: "utf8",
  });
  expect(stderr).not.toMatch(/syntax error/);
  return readdirSync(calls).map((call) => readFileSync(join(calls, call), "utf8").split("\0").slice(0, -1));
}

const scripts = BLOCKS.filter(({ language }) => language === "sh");

describe("the scripts of the documentation", () => {
  test.for(scripts.map(({ where, text }) => [where, text] as const))("%s", async ([, text]) => {
    for (const argv of callsOf(text)) await expect(check(argv), argv.join(" ")).resolves.toBeUndefined();
  });

  test("a script with an option that there is not is noticed", async () => {
    const [argv = []] = callsOf("tasks list compaction --stat running");
    await expect(check(argv)).rejects.toThrow("--stat");
  });
});

describe("the examples of the help", () => {
  test.for([[""], ...[...COMMANDS.summaries.keys()].map((name) => [name])])("tasks %s", async ([name = ""]) => {
    const { stdout } = await runInProcess(name === "" ? ["--help"] : [name, "--help"]);
    const examples = stdout.split("\nExamples:\n")[1]?.split("\n\n")[0] ?? "";
    const lines = examples.split("\n").filter((line) => line.startsWith("  "));
    expect(lines, "it has examples").not.toEqual([]);
    const script = lines
      // What stands behind an example says what it does.
      .map((line) => line.replace(/ {3,}\S.*$/, ""))
      .join("\n");
    const calls = callsOf(script);
    expect(calls, script).not.toEqual([]);
    for (const argv of calls) await expect(check(argv), argv.join(" ")).resolves.toBeUndefined();
  });
});
