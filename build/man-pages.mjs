// Writes man/: a page for the program and one for each command, from the same definitions as their help. `npm run docs` also names
// them in package.json.
import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dynamicImportVarsPlugin, importGlobPlugin } from "rolldown/experimental";
import { importSources } from "./import-sources.mjs";

const ROOT = join(import.meta.dirname, "..");

/** @returns the pages by their file names */
export async function manPages() {
  const { wholeProgram, COMMANDS } = await importSources(
    ["cli/whole-program.ts", "commands.ts"],
    [dynamicImportVarsPlugin(), importGlobPlugin()],
  );
  const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const program = await wholeProgram(COMMANDS);
  const commands = program.commands.filter((command) => command.name() !== "help");
  const date = await dateOfSources();
  const head = (name) => `.TH ${name.toUpperCase()} 1 ${date} "scylla\\-tasks ${version}" "User Commands"`;
  const pages = new Map([["tasks.1", [head("tasks"), ...programPage(program, commands), ""].join("\n")]]);
  for (const command of commands) {
    const name = `tasks-${command.name()}`;
    pages.set(`${name}.1`, [head(name), ...commandPage(name, command), ""].join("\n"));
  }
  return pages;
}

/** That of the commit, so that the same sources make the same pages. */
async function dateOfSources() {
  const { SOURCE_DATE_EPOCH } = process.env;
  if (SOURCE_DATE_EPOCH) return new Date(Number(SOURCE_DATE_EPOCH) * 1000).toISOString().slice(0, 10);
  try {
    return execFileSync("git", ["log", "-1", "--format=%cs"], { cwd: ROOT, stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  } catch {
    return (await stat(join(ROOT, "package.json"))).mtime.toISOString().slice(0, 10);
  }
}

function programPage(program, commands) {
  return [
    ".SH NAME",
    `tasks \\- ${text("show, wait for, start and stop tasks of ScyllaDB's task manager")}`,
    ...synopsis("tasks", program),
    ...description(program),
    ".SH COMMANDS",
    ...commands.flatMap((command) => [".TP", `.BR tasks\\-${text(command.name())} (1)`, sentence(command.summary())]),
    ".SH OPTIONS",
    "Every command takes these options.",
    ...options(program),
    ...notes(program),
    ".SH EXIT STATUS",
    ...EXIT_STATUS.flatMap(([codes, meaning]) => [".TP", `.B ${text(codes)}`, sentence(meaning)]),
    ".SH ENVIRONMENT",
    ...program.options
      .filter((option) => option.envVar && !option.hidden)
      .flatMap((option) => [".TP", `.B ${text(option.envVar)}`, `The value of ${bold(option.long)}.`]),
    ...ENVIRONMENT.flatMap(([name, meaning]) => [".TP", `.B ${text(name)}`, text(meaning)]),
    ".SH FILES",
    ".TP",
    `.I ${text("~/.config/scylla-tasks/config.yaml")}`,
    "The contexts: see",
    ".BR tasks\\-context (1).",
    ".SH SEE ALSO",
    ...commands.map(
      (command, index) => `.BR tasks\\-${text(command.name())} (1)${index < commands.length - 1 ? "," : ""}`,
    ),
  ];
}

const EXIT_STATUS = [
  ["0", "success"],
  ["1", "bad arguments"],
  ["2", "the node cannot be reached, or its answer cannot be read"],
  ["3", "with many nodes: some did not answer"],
  ["4", "the server answered with an error"],
  ["123, 124, 125", "a wait: the task failed, the timeout ran out, the outcome is unknown"],
  ["129, 130, 143", "ended by SIGHUP, SIGINT, SIGTERM"],
];

const ENVIRONMENT = [
  ["TASKS_TOKEN", "A bearer token."],
  ["TASKS_CONFIG", "The configuration file, in place of the usual one."],
  ["TASKS_COMPLETION_TIMEOUT", "How long completion waits for a node; 300ms where it is not set."],
  ["NO_COLOR", "If it is set, there are no colours."],
];

function commandPage(name, command) {
  const below = command.commands;
  return [
    ".SH NAME",
    `${text(name)} \\- ${text(command.summary())}`,
    ...synopsis(name.replace("-", " "), command),
    ...description(command),
    ...(below.length > 0
      ? [".SH COMMANDS", ...below.flatMap((each) => subcommand(`${name.replace("-", " ")} ${each.name()}`, each))]
      : []),
    ".SH OPTIONS",
    "The options that every command takes are in",
    ".BR tasks (1).",
    ...positionals(command),
    ...options(command),
    ...notes(command),
    ".SH SEE ALSO",
    ".BR tasks (1)",
  ];
}

function subcommand(name, command) {
  return [
    `.SS ${text(name)}`,
    ...paragraphs(command.description()),
    ".P",
    `.B ${text(name)}`,
    text(command.usage()),
    ...positionals(command),
    ...options(command),
    ...blocksAfterHelp(command).flatMap(({ lines }) => [".P", ...example(lines)]),
  ];
}

const synopsis = (name, command) => [".SH SYNOPSIS", `.B ${text(name)}`, text(command.usage())];

const description = (command) => [".SH DESCRIPTION", ...paragraphs(command.description())];

/** Lines of a description are sentences of one paragraph. */
const paragraphs = (words) => words.split("\n").map((line) => sentence(line));

const positionals = (command) =>
  command.registeredArguments
    .filter((argument) => argument.description)
    .flatMap((argument) => [
      ".TP",
      `.I ${text(argument.name())}${argument.variadic ? text("...") : ""}`,
      sentence(argument.description),
    ]);

function options(command) {
  const help = command.createHelp();
  const lines = [];
  let group = "Options:";
  for (const option of help.visibleOptions(command)) {
    const heading = option.helpGroupHeading ?? "Options:";
    if (heading !== group) lines.push(`.SS ${text(heading.replace(/:$/, ""))}`);
    group = heading;
    lines.push(".TP", flags(option.flags), sentence(help.optionDescription(option)));
  }
  return lines;
}

/** Names in bold, and what they take in italics. */
const flags = (words) =>
  words
    .split(/(<[^>]*>|\[[^\]]*\]|, | )/)
    .filter((part) => part !== "")
    .map((part) => (/^-/.test(part) ? bold(part) : /^[<[]/.test(part) ? `\\fI${text(part.slice(1, -1))}\\fR` : part))
    .join("");

/** What follows the help: examples and such, each a section of its own. */
function notes(command) {
  return blocksAfterHelp(command).flatMap(({ title, lines }) => [
    `.SH ${text(title.toUpperCase())}`,
    ...example(lines),
  ]);
}

function blocksAfterHelp(command) {
  let after = "";
  const context = {
    error: false,
    command,
    write: (words) => {
      after += words;
    },
  };
  for (const listener of command.listeners("afterHelp")) listener(context);
  const blocks = [];
  for (const block of after.split(/\n\s*\n/)) {
    const lines = block.split("\n").filter((line) => line.trim() !== "");
    const [first = ""] = lines;
    if (first === "" || first.startsWith("Global options:")) continue;
    const [, title, rest] = /^([^:]+):\s*(.*)$/.exec(first) ?? [undefined, "Notes", first];
    blocks.push({ title, lines: [...(rest === "" ? [] : [rest]), ...lines.slice(1)] });
  }
  return blocks;
}

const example = (lines) => [".nf", ...lines.map((line) => text(line.replace(/^ {2}/, ""))), ".fi"];

const bold = (words) => `\\fB${text(words)}\\fR`;

/** With a capital and a full stop. */
function sentence(words) {
  const capital = /^[a-z]+[ ,]/.test(words) ? words[0].toUpperCase() + words.slice(1) : words;
  return text(/[.:!?]$/.test(capital) ? capital : `${capital}.`);
}

/** A text as roff shows it: what would be a request, an escape or another character is escaped. */
function text(words) {
  const escaped = words
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replace(
      /[^\x20-\x7e]/gu,
      (character) => `\\[u${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
  return escaped.startsWith(".") ? `\\&${escaped}` : escaped;
}

/** Writes the pages into a folder, in place of those that are there. */
export async function writeManPages(folder = join(ROOT, "man")) {
  const pages = await manPages();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, page] of pages) await writeFile(join(folder, name), page);
}

if (process.argv[1] === import.meta.filename) {
  await writeManPages();
  // What the package installs has to be named page by page: yarn warns about a folder of them.
  const manifest = join(ROOT, "package.json");
  const pages = [...(await manPages()).keys()].sort().map((name) => `    "man/${name}"`);
  const text = await readFile(manifest, "utf8");
  await writeFile(manifest, text.replace(/"man": \[.*?\]/s, `"man": [\n${pages.join(",\n")}\n  ]`));
}
