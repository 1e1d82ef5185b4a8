import type { TaskStats } from "../client/wire.js";
import { loadConfigReader } from "../config/load.js";
import { configFile } from "../config/location.js";
import type { Runtime } from "../runtime/runtime.js";
import { MODULE_NAMES } from "../vocabulary.js";
import type { Live } from "./live.js";
import { queryNode } from "./query-node.js";

/** Maximum of rows per module: a list may have 100,000. */
const MAX_ROWS = 2000;

/** Answers from the node that the typed words name. All queries are lists, which change nothing in any release. */
export function liveAnswers(runtime: Runtime, words: readonly string[]): Live {
  const names = async (question: Parameters<typeof queryNode<readonly string[]>>[2]) =>
    (await queryNode(runtime, words, question)) ?? [];

  /** Lists all modules concurrently; the lists that arrive in time count. */
  async function rows(module: string | undefined): Promise<readonly TaskStats[]> {
    const found: TaskStats[] = [];
    await queryNode(runtime, words, async (client, call) => {
      const list = async (name: string) => {
        let count = 0;
        for await (const batch of client.streamModuleTasks(name, call)) {
          for (const row of batch) found.push(row);
          count += batch.length;
          if (count >= MAX_ROWS) break;
        }
      };
      await Promise.allSettled((module === undefined ? MODULE_NAMES : [module]).map(list));
    });
    return found;
  }

  return {
    async contexts() {
      try {
        const { contexts } = await (await loadConfigReader()).readConfig(configFile(runtime.env));
        return [...contexts.keys()];
      } catch {
        return [];
      }
    },
    modules: () => names((client, call) => client.listModules(call)),
    keyspaces: () => names((client, call) => client.keyspaces(call)),
    tables: (keyspace) =>
      names(async (client, call) =>
        (await client.tables(call)).filter(({ ks }) => keyspace === undefined || ks === keyspace).map(({ cf }) => cf),
      ),
    tasks: async (module) =>
      (await rows(module)).map(({ task_id: id = "", state = "", type = "", keyspace = "", table = "" }) => ({
        id,
        state,
        about: [type, state, [keyspace, table].filter((name) => name !== "").join(".")]
          .filter((part) => part !== "")
          .join(", "),
      })),
    valuesOfTasks: async (field, module) => (await rows(module)).map((row) => row[field] ?? ""),
    nodes: () => names((client, call) => client.liveEndpoints(call)),
    hostIds: async () =>
      ((await queryNode(runtime, words, (client, call) => client.hostIds(call))) ?? []).map(({ key, value }) => ({
        id: value,
        address: key,
      })),
  };
}
