import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMockCluster } from "../../src/mock/index.js";
import { TASKS } from "../fixtures/run-tasks.js";
import { runOnTerminal } from "../fixtures/terminal-run.js";
import { BLOCKS, type FencedBlock } from "./fenced-blocks.js";

/** A line that begins with `$ `, and what it prints. */
interface Step {
  readonly command: string;
  readonly output: string;
}

function stepsOf({ text }: FencedBlock): Step[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const end = step.indexOf("\n");
      return { command: step.slice(0, end), output: step.slice(end + 1) };
    });
}

const sessions = BLOCKS.filter(({ language }) => language === "console");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "examples-"));
  writeFileSync(join(folder, "tasks"), `#!/bin/sh\nexec '${process.execPath}' '${TASKS}' "$@"\n`);
  chmodSync(join(folder, "tasks"), 0o755);
  symlinkSync(fileURLToPath(new URL("../../docs", import.meta.url)), join(folder, "docs"));
  // Files that a page shows whole, with their names.
  for (const { language, words, text } of BLOCKS) {
    const [name = ""] = words;
    if (name.endsWith(`.${language}`)) writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A shell that is typed into, one line after the other. */
function shell(port: string) {
  const child = spawn("bash", [], {
    cwd: folder,
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, TASKS_HOST: "127.0.0.1", TASKS_PORT: port },
  });
  let written = "";
  let look = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      written += text;
      look();
    });
  }
  child.stdin.write("exec 2>&1; trap 'kill $(jobs -p) 2>/dev/null' EXIT\n");
  const until = (isThere: () => boolean) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (isThere()) resolve();
      };
      look();
    });
  return {
    async type({ command, output }: Step): Promise<string> {
      written = "";
      // With the exit code as the last command left it, for `echo $?`.
      child.stdin.write(`${command}\n{ __code=$?; echo "#end#"; (exit $__code); }\n`);
      await until(() => written.includes("#end#\n"));
      // A server says when it is there.
      if (command.endsWith("&")) await until(() => written.includes(output.trim().replaceAll("10000", port)));
      return written.replace("#end#\n", "").replaceAll(port, "10000").replaceAll("\r\n", "\n");
    },
    async end(): Promise<void> {
      child.stdin.end();
      await new Promise((resolve) => child.on("close", resolve));
    },
  };
}

/** What goes on while a page is read differs from run to run: how far it is, and how long it took. */
const withoutNumbers = (text: string) =>
  text
    .replace(/\[[-#█▉▊▋▌▍▎▏ ]*\]/g, "[bar]")
    .replace(/\d+(\.\d+)?/g, "N")
    .replace(/ +/g, " ");

describe("the sessions of the documentation", () => {
  test.for(sessions.map((session) => [session.where, session] as const))("%s", async ([, session]) => {
    const { words } = session;
    const shown = words.includes("varies") ? withoutNumbers : (text: string) => text;
    const columns = Number(words.find((word) => word.startsWith("terminal"))?.split("=")[1] ?? 120);
    if (words.some((word) => word.startsWith("terminal"))) {
      for (const { command, output } of stepsOf(session)) {
        const { lines } = await runOnTerminal(command.split(" ").slice(1), { columns, rows: 40 });
        expect(shown(`${lines.join("\n")}\n`)).toBe(shown(output));
      }
      return;
    }
    const scenario = words.find((word) => word.startsWith("with="))?.slice("with=".length);
    const mock = scenario === undefined ? undefined : await startMockCluster({ scenario });
    const port = mock === undefined ? await freePort() : new URL(mock.urls[0] as string).port;
    const { type, end } = shell(String(port));
    try {
      for (const step of stepsOf(session)) {
        const typed = { ...step, command: step.command.replaceAll("localhost:10000", `127.0.0.1:${port}`) };
        expect(shown(await type(typed)).trimEnd(), step.command).toBe(shown(step.output).trimEnd());
      }
    } finally {
      await end();
      await mock?.stop();
    }
  });
});
