import packageJson from "../../package.json" with { type: "json" };
import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Runtime } from "../runtime/runtime.js";
import { HELP, HELP_COLUMNS } from "./help.js";
import type { Commands } from "./registry.js";

const loadCommandLine = () => import("./command-line.js");

/**
 * Runs one command line.
 * @param argv the arguments after the program's name
 * @returns the exit code. It never throws: every error becomes one message on stderr
 */
export async function run(argv: readonly string[], runtime: Runtime, commands: Commands): Promise<ExitCode> {
  const text = textAlone(argv, runtime);
  if (text === undefined) return await (await loadCommandLine()).runCommandLine(argv, runtime, commands);
  try {
    await runtime.stdout.write(text);
    return EXIT.success;
  } catch (error) {
    return await (await loadCommandLine()).failed(error, runtime);
  }
}

/** The output for arguments that need no parser: loading the parser would take most of the time. */
function textAlone([argument, ...more]: readonly string[], { stdout }: Runtime): string | undefined {
  if (argument === undefined || more.length > 0) return undefined;
  if (argument === "--version") return `${packageJson.version}\n`;
  return (argument === "--help" || argument === "help") && stdout.columns === HELP_COLUMNS ? HELP : undefined;
}
