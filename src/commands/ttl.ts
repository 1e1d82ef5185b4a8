import { ttlSeconds } from "../cli/option-values.js";
import type { Registry, Run } from "../cli/registry.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import { namedValue } from "../format/reports/task-reports.js";
import { printEachNode } from "../nodes/print-each-node.js";

/** The two ttls of a server differ in their names and in the tasks that they govern. */
export interface Ttl {
  readonly command: string;
  readonly field: string;
  readonly label: string;
  readonly governs: string;
  get(client: TaskManagerClient, options: CallOptions): Promise<unknown>;
  set(client: TaskManagerClient, seconds: number, options: CallOptions): Promise<void>;
}

const TTL: Ttl = {
  command: "ttl",
  field: "ttl",
  label: "Current ttl",
  governs: "finished tasks",
  get: (client, options) => client.ttl(options),
  set: (client, seconds, options) => client.setTtl(seconds, options),
};

interface TtlRunOptions {
  readonly set: number | undefined;
}

/** Adds the command of one of the two. */
export function registerTtl(registry: Registry, ttl: Ttl): void {
  registry
    .command(ttl.command)
    .description(`Show or set how long the server keeps ${ttl.governs}. With 0, none are kept.`)
    .option("--set <duration>", "new value, for tasks that finish from now on: 600 (seconds), 10m", ttlSeconds)
    .addHelpText(
      "after",
      `\nExamples:\n  tasks ${ttl.command}\n  tasks ${ttl.command} --set 3600\n  tasks ${ttl.command} --all-nodes`,
    )
    .action(registry.action(runTtl(ttl), (parsed) => ({ set: parsed.set })));
}

export const register = (registry: Registry): void => registerTtl(registry, TTL);

const runTtl =
  (ttl: Ttl): Run<TtlRunOptions> =>
  async (_runtime, nodes, { set, output }) => {
    await printEachNode<unknown>(nodes, output, {
      question: async (client, call) => {
        if (set === undefined) return await ttl.get(client, call);
        await ttl.set(client, set, call);
        return set;
      },
      field: ttl.field,
      cells: (value) => [value],
      alone: (value) => (set === undefined ? namedValue(ttl.label, ttl.field, value) : undefined),
    });
    return undefined;
  };
