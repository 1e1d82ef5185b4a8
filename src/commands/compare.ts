import { Option } from "commander";
import { withJournalHint } from "../cli/journal-hint.js";
import { addRowOptions } from "../cli/output-options.js";
import { namedPositional } from "../cli/positionals.js";
import type { Registry, Run } from "../cli/registry.js";
import { COMPARISON_FIELDS, comparisonReport } from "../format/reports/comparison-report.js";
import { ofNodes } from "../format/reports/report.js";
import { lookingBack } from "../nodes/connection.js";
import type { Nodes } from "../nodes/nodes.js";
import { resolveIds } from "../nodes/resolve-ids.js";
import { timelineOfNodes } from "../nodes/timeline-of-nodes.js";
import { checkedId, STDIN_IDS } from "../tasks/task-id.js";
import { COMPARED_KINDS, type ComparedKind, compareRuns, type DividedRun } from "../tasks/timeline/comparison.js";
import { UsageError } from "../usage-error.js";

export function register(registry: Registry): void {
  const command = registry
    .command("compare")
    .description(
      "Compare two runs: the time, amount of work and rate on each node or shard, and where the difference comes from.\n" +
        "Both come from the same server, or from a journal of `tasks record` (--from). A running task counts up to now.",
    )
    .usage("[options] <first id> <second id>")
    .argument("[id...]", "ids of two root tasks, or their first characters; - reads them from stdin")
    .addOption(namedPositional("id"))
    .addOption(
      new Option("--by <what>", "a row for each (default: whatever splits the trees best)").choices(COMPARED_KINDS),
    );
  addRowOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  tasks compare --from ~/journal 7d0e52a1 5e1f4b0c
  tasks compare --from ~/journal --by shard 7d0e52a1 5e1f4b0c
  tasks history --type repair --limit 2 -o name | tac | tasks compare --from ~/.local/state/scylla-tasks/journal -
  tasks compare --json --all-nodes 7d0e52a1 5e1f4b0c | jq -r .summary
  tasks compare --from ~/journal --by shard --sort -difference_seconds --limit 5 7d0e52a1 5e1f4b0c`,
    )
    .action(
      registry.action(
        runCompare,
        (parsed, _positionals, ids): CompareOptions => ({ ids: twoIds(ids, parsed.id), by: parsed.by }),
        lookingBack,
      ),
    );
}

interface CompareOptions {
  readonly ids: readonly string[];
  readonly by: ComparedKind | undefined;
}

function twoIds(positional: readonly string[], named: readonly string[] = []): string[] {
  const ids = [...positional, ...named].map(checkedId);
  if (ids.length !== 2 && !(ids.length === 1 && ids[0] === STDIN_IDS)) throw new UsageError(notTwo(ids.length));
  return ids;
}

const notTwo = (count: number) => `expected the ids of two tasks, got ${count}`;

const runCompare: Run<CompareOptions> = async (runtime, nodes, { ids, by, output }) => {
  await output.checkFields(COMPARISON_FIELDS);
  try {
    const found = await resolveIds(runtime, nodes, ids);
    // The same id twice is one.
    const [first, second = ids.length === 2 && !ids.includes(STDIN_IDS) ? first : undefined] = found;
    if (first === undefined || second === undefined || found.length > 2) throw new UsageError(notTwo(found.length));
    const nowMs = runtime.clock.now();
    const comparison = compareRuns(await readRun(nodes, first, nowMs), await readRun(nodes, second, nowMs), by);
    await output.print(ofNodes(comparisonReport(comparison), "lanes", nodes));
  } catch (error) {
    throw await withJournalHint(error, runtime, nodes);
  }
  return undefined;
};

async function readRun(nodes: Nodes, id: string, nowMs: number): Promise<DividedRun> {
  const statuses = await nodes.lookAtTree(id);
  return (by) => timelineOfNodes(statuses, nodes, { nowMs, by });
}
