import { isAbsolute, join } from "node:path";

/**
 * Where the configuration is looked for: `TASKS_CONFIG`, else below `XDG_CONFIG_HOME`, else below `~/.config`; `undefined`
 * for a user without a home. As the XDG specification says, a relative path is ignored.
 */
export function configFile(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { TASKS_CONFIG, XDG_CONFIG_HOME = "", HOME = "" } = env;
  if (TASKS_CONFIG) return TASKS_CONFIG;
  const base = isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : isAbsolute(HOME) ? join(HOME, ".config") : undefined;
  return base && join(base, "scylla-tasks", "config.yaml");
}
