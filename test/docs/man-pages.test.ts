import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeManPages } from "../../build/man-pages.mjs";
import packageJson from "../../package.json" with { type: "json" };
import { wholeProgram } from "../../src/cli/whole-program.js";
import { COMMANDS } from "../../src/commands.js";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "man-"));
  await writeManPages(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const isThere = (program: string) => spawnSync(program, ["--version"]).error === undefined;
const check = (program: string, ...args: string[]) =>
  readdirSync(folder).map((page) => {
    const { stdout, stderr } = spawnSync(program, [...args, join(folder, page)], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8", MANWIDTH: "100" },
    });
    return { page, stdout, stderr };
  });

test("there is a page for the program and one for each command, and each tells of every option", async () => {
  const program = await wholeProgram(COMMANDS);
  const names = [...COMMANDS.summaries.keys()].map((name) => `tasks-${name}.1`);
  expect(readdirSync(folder).sort()).toEqual(["tasks.1", ...names].sort());
  for (const command of [program, ...program.commands.filter((each) => each.name() !== "help")]) {
    const name = command === program ? "tasks.1" : `tasks-${command.name()}.1`;
    const page = readFileSync(join(folder, name), "utf8").replaceAll("\\-", "-");
    for (const option of command.options.filter(({ hidden }) => !hidden)) expect(page).toContain(`\\fB${option.long}`);
    const below = command === program ? [] : command.commands.map((each) => each.name());
    for (const each of below) expect(page).toContain(`.SS tasks ${command.name()} ${each}\n`);
  }
});

test("the package installs every page", () => {
  expect(packageJson.man).toEqual(
    readdirSync(folder)
      .sort()
      .map((page) => `man/${page}`),
  );
});

test.runIf(isThere("mandoc"))("mandoc has nothing to say against them", () => {
  for (const { page, stdout, stderr } of check("mandoc", "-T", "lint", "-W", "warning")) {
    expect({ page, says: stdout + stderr }).toEqual({ page, says: "" });
  }
});

test.runIf(isThere("man"))("man shows them without a warning, with their examples as they are", () => {
  const pages = check("man", "--warnings", "-E", "UTF-8", "-P", "cat", "-l");
  for (const { page, stdout, stderr } of pages) {
    expect({ page, stderr }).toEqual({ page, stderr: "" });
    expect(stdout).toContain("SYNOPSIS");
  }
  const list = pages.find(({ page }) => page === "tasks-list.1")?.stdout;
  expect(list).toContain("tasks list --all --state '!done' --older-than 1h --sort start_time\n");
});
