/**
 * nodetool's short options with several letters, and its alternative names, with the long options that commander knows
 * (nodetool-tasks: Global options).
 */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "-ks": "--keyspace",
    "-cf": "--table",
    "--column-family": "--table",
    "-pw": "--password",
    "-pwf": "--password-file",
    "-pp": "--print-port",
    "-pr": "--partitioner-range",
    "-dc": "--in-dc",
    "-local": "--in-local-dc",
    "-hosts": "--in-hosts",
    "-st": "--start-token",
    "-et": "--end-token",
  }),
);

/** Short options without a value can be combined: `-Aa`. */
const SWITCHES = /^-[Aaq]{2,}$/;

/** Turns nodetool's spellings into commander's: `-ks x`, `-ks=x`, `-h=x`. Everything after `--` is left alone. */
export function normaliseArgv(argv: readonly string[]): string[] {
  const normalised: string[] = [];
  for (const [index, argument] of argv.entries()) {
    if (argument === "--") return [...normalised, ...argv.slice(index)];
    const equals = argument.indexOf("=");
    const name = equals === -1 ? argument : argument.slice(0, equals);
    const value = equals === -1 ? undefined : argument.slice(equals + 1);
    const other = OTHER_NAMES.get(name);
    if (other !== undefined) normalised.push(value === undefined ? other : `${other}=${value}`);
    else if (SWITCHES.test(argument)) normalised.push(...[...argument.slice(1)].map((letter) => `-${letter}`));
    else if (value !== undefined && /^-[A-Za-z]$/.test(name)) normalised.push(name, value);
    else normalised.push(argument);
  }
  return normalised;
}
