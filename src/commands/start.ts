import { commanderOption, refuseUnusedOptions } from "../cli/operation-options.js";
import { wholeNumber } from "../cli/option-values.js";
import type { Registry } from "../cli/registry.js";
import { addWaitingOptions, readWaitingOptions, waitingNeeds } from "../cli/waiting-options.js";
import { OPERATIONS } from "../operations/catalogue.js";
import type { Operation } from "../operations/operation.js";
import { startOperation } from "../operations/start-operation.js";

export function register(registry: Registry): void {
  const group = registry
    .command("start")
    .description("Start an operation, and print the id of its task.")
    .usage("[options] <operation>")
    .addHelpText(
      "after",
      `
Examples:
  id=$(tasks start compaction shop orders)
  tasks start repair --all-keyspaces --all-nodes --keep-going
  tasks start cleanup shop --wait --timeout 2h --progress plain
  tasks start cleanup shop --all-nodes          one node after the other, until one fails
  tasks start decommission --dry-run            print the requests without sending them`,
    );
  for (const operation of OPERATIONS) registerOperation(registry, group, operation);
}

function registerOperation(registry: Registry, group: ReturnType<Registry["command"]>, operation: Operation): void {
  const { name, summary, details, usage, positionals, examples } = operation;
  const command = registry
    .command(name, group)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.${details === undefined ? "" : `\n${details}`}`);
  if (usage !== undefined) command.usage(`[options] ${usage}`);
  for (const { name: positional, description } of positionals) command.argument(positional, description);
  for (const option of operation.options) command.addOption(commanderOption(option));
  command
    .option("--wait", "wait until it has ended, like `tasks wait`")
    .option("--dry-run", "print the requests without sending them");
  if (operation.isDangerous) command.option("--yes", "do not ask for confirmation");
  else {
    command
      .option("--parallel <count>", "run on this many nodes, or tables, at once (default: 1)", wholeNumber(1, 1000))
      .option("--keep-going", "continue with the other nodes or tables after a failure");
  }
  const whenWaiting = operation.isDangerous ? "With --wait:" : "With --wait or --all-nodes:";
  addWaitingOptions(command.optionsGroup(whenWaiting)).action(
    registry.action(
      startOperation,
      (parsed, singles, variadic) => {
        const given = { positionals: [...singles.filter((word) => word !== undefined), ...variadic], options: parsed };
        refuseUnusedOptions(operation, parsed, given);
        return {
          ...readWaitingOptions(registry.root, parsed),
          operation,
          given,
          wait: parsed.wait === true,
          dryRun: parsed.dryRun === true,
          yes: parsed.yes === true,
          parallel: parsed.parallel ?? 1,
          keepGoing: parsed.keepGoing === true,
        };
      },
      waitingNeeds,
    ),
  );
  if (examples !== undefined) {
    command.addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);
  }
}
