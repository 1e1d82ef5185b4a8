import { join } from "node:path";

/**
 * Where the configuration is looked for: `TASKS_CONFIG`, else below `XDG_CONFIG_HOME`, else below `~/.config`; `undefined`
 * for a user without a home.
 */
export function configFile(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env.TASKS_CONFIG) return env.TASKS_CONFIG;
  const base = env.XDG_CONFIG_HOME || (env.HOME && join(env.HOME, ".config"));
  return base ? join(base, "scylla-tasks", "config.yaml") : undefined;
}
