import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { spawn } from "@lydell/node-pty";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runTasks, TASKS } from "../fixtures/run-tasks.js";
import { type ScriptedServer, scriptedServer } from "../fixtures/scripted-server.js";

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";
/** Names that a hostile server could give. */
const HOSTILE = ["$(touch made)", "`touch made`", "; touch made", "-rf", "a b", "*", "\u001b[2Jx", "it's", 'say "hi"'];

const SHELLS = {
  bash: { command: ["bash", "--norc", "--noprofile", "-i"], start: "PS1='ready> '" },
  zsh: { command: ["zsh", "-f", "-i"], start: "PS1='ready> '; autoload -Uz compinit && compinit -D" },
  fish: { command: ["fish", "--no-config"], start: "function fish_prompt; printf 'ready> '; end" },
} as const;
type Shell = keyof typeof SHELLS;

const isThere = (shell: Shell) =>
  (process.env.PATH ?? "").split(delimiter).some((directory) => existsSync(join(directory, shell)));

let server: ScriptedServer;
let folder: string;
beforeAll(async () => {
  server = await scriptedServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://node");
    const answers = new Map<string, unknown>([
      ["/task_manager/list_modules", ["compaction", ...HOSTILE]],
      ["/storage_service/keyspaces", ["shop", "it's"]],
      [
        "/task_manager/list_module_tasks/compaction",
        [
          { task_id: ID, type: "major compaction", state: "running", keyspace: "shop" },
          ...HOSTILE.map((type, index) => ({ task_id: `${index}${ID.slice(1)}`, type, state: "done" })),
        ],
      ],
    ]);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answers.get(pathname) ?? []));
  });
  folder = await mkdtemp(join(tmpdir(), "completion-"));
  for (const name of ["bin", "work"]) await mkdir(join(folder, name));
  // Completes as the program does; anything else it only notes.
  const program = `#!/bin/sh
if [ "$1" = __complete ]; then exec '${process.execPath}' '${TASKS}' "$@"; fi
printf '%s\\0' "$@" >"$HOME/called"
echo '<called>'
`;
  await writeFile(join(folder, "bin/tasks"), program);
  await chmod(join(folder, "bin/tasks"), 0o755);
  for (const shell of Object.keys(SHELLS)) {
    const { stdout } = await runTasks(["completion", shell]);
    await writeFile(join(folder, `tasks.${shell}`), stdout);
  }
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** A shell on a terminal that has read the script. */
async function shellOnTerminal(shell: Shell, env: Readonly<Record<string, string>> = {}) {
  const { command, start } = SHELLS[shell];
  const [file = "", ...args] = command;
  const home = await mkdtemp(join(folder, "home-"));
  const child = spawn(file, args, {
    cols: 200,
    rows: 50,
    cwd: join(folder, "work"),
    env: {
      PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}`,
      HOME: home,
      TERM: "xterm",
      LC_ALL: "C.UTF-8",
      TASKS_CONFIG: "/nonexistent",
      TASKS_URL: server.url,
      TASKS_COMPLETION_TIMEOUT: "1m",
      ...env,
    },
  });
  let written = "";
  let heard = () => {};
  child.onData((text) => {
    written += text;
    heard();
  });
  let hasEnded = false;
  const ended = new Promise<void>((resolve) =>
    child.onExit(() => {
      hasEnded = true;
      heard();
      resolve();
    }),
  );
  const until = async (text: string, from: number) => {
    while (!written.slice(from).includes(text)) {
      if (hasEnded) throw new Error(`the shell has ended: ${written}`);
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  child.write(`${start}\r`);
  child.write(`source ${join(folder, `tasks.${shell}`)}\r`);
  /** What the program is called with once these keys are typed, and Enter. */
  const called = async (keys: string): Promise<string[]> => {
    const from = written.length;
    child.write(`${keys}\r`);
    await until("<called>", from);
    // Keys that come before the shell reads them would be the terminal's own.
    await until("ready> ", written.indexOf("<called>", from));
    return (await readFile(join(home, "called"), "utf8")).split("\0").slice(0, -1);
  };
  await called("tasks ready");
  return {
    called,
    /** What the shell shows once these keys are typed; then the line is taken back. */
    async shown(keys: string): Promise<string> {
      const from = written.length;
      await called(`${keys}${ERASE_LINE}tasks done`);
      return written.slice(from);
    },
    async end() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const TAB = "\t";
const ERASE_LINE = "\u0015";

describe.each(Object.keys(SHELLS) as Shell[])("%s", (shell) => {
  const inShell = test.runIf(isThere(shell));

  inShell("completes commands, options, values, and what the node has", async () => {
    const { called, end } = await shellOnTerminal(shell);
    expect(await called(`tasks li${TAB}comp${TAB}`)).toEqual(["list", "compaction"]);
    expect(await called(`tasks start rep${TAB}sh${TAB}`)).toEqual(["start", "repair", "shop"]);
    expect(await called(`tasks list --all --sta${TAB}run${TAB}`)).toEqual(["list", "--all", "--state", "running"]);
    expect(await called(`tasks list --all --output=nd${TAB}`)).toEqual(["list", "--all", "--output=ndjson"]);
    expect(await called(`tasks list --all --state=done,fai${TAB}`)).toEqual(["list", "--all", "--state=done,failed"]);
    expect(await called(`tasks wait 5e${TAB}`)).toEqual(["wait", ID]);
    expect(await called(`tasks list compaction --type maj${TAB}`)).toEqual([
      "list",
      "compaction",
      "--type",
      "major compaction",
    ]);
    expect(await called(`tasks list compaction --type 'maj${TAB}`)).toEqual([
      "list",
      "compaction",
      "--type",
      "major compaction",
    ]);
    await end();
  });

  inShell("lists what there is with what it is", async () => {
    const { shown, end } = await shellOnTerminal(shell);
    expect(await shown(`tasks us${TAB}${TAB}`)).toContain("user-ttl");
    const both = await shown(`tasks t${TAB}${TAB}`);
    expect(both).toContain("show a task and its descendants");
    expect(both).toContain("ttl");
    await end();
  });

  inShell("suggests files where a file is due", async () => {
    await writeFile(join(folder, "work/chain.pem"), "");
    const { called, end } = await shellOnTerminal(shell);
    expect(await called(`tasks --ca cha${TAB}`)).toEqual(["--ca", "chain.pem"]);
    await end();
  });

  inShell("evaluates nothing that was typed, and nothing that a server says", async () => {
    const { called, shown, end } = await shellOnTerminal(shell);
    for (const typed of ["$(touch made)", "`touch made`", '"$(touch made)"', "'$(touch made)'", "*", "~root", "\\;"]) {
      await shown(`tasks list ${typed} --st${TAB}`);
    }
    // The word that is completed; zsh itself would evaluate it without the quote.
    await shown(`tasks list '$(touch made)${TAB}'`);
    const types = "tasks list compaction --type ";
    const listed = await shown(`${types}${TAB}${TAB}`);
    expect(listed).toContain("major");
    expect(listed).not.toContain("\u001b[2Jx");
    const chosen = async (keys: string) => (await called(`${types}${keys}`)).at(-1);
    expect(await chosen(`it${TAB}`)).toBe("it's");
    expect(await chosen(`say${TAB}`)).toBe('say "hi"');
    expect(await chosen(`'$(${TAB}`)).toBe("$(touch made)");
    expect(await chosen(`a${TAB}`)).toBe("a b");
    expect(await readdir(join(folder, "work"))).not.toContain("made");
    await end();
  });

  inShell("is silent where no node answers", async () => {
    const { shown, called, end } = await shellOnTerminal(shell, { TASKS_URL: "http://127.0.0.1:1" });
    expect(await shown(`tasks wait ${TAB}`)).not.toMatch(/error|ECONN|127\.0\.0\.1/);
    expect(await called(`tasks list node${TAB}`)).toEqual(["list", "node_ops"]);
    await end();
  });
});
