import { homedir } from "node:os";
import { join } from "node:path";

/** Where the configuration is looked for: `TASKS_CONFIG`, else below `XDG_CONFIG_HOME`, else below `~/.config`. */
export function configFile(env: Readonly<Record<string, string | undefined>>): string {
  if (env.TASKS_CONFIG) return env.TASKS_CONFIG;
  const base = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config");
  return join(base, "scylla-tasks", "config.yaml");
}
