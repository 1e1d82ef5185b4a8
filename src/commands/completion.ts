import { Argument } from "commander";
import { required } from "../cli/positionals.js";
import type { Registry } from "../cli/registry.js";
import { SCRIPTS, SHELLS, type Shell } from "../completion/scripts.js";
import type { Runtime } from "../runtime/runtime.js";

export function register(registry: Registry): void {
  registry
    .command("completion")
    .usage("[options] <shell>")
    .description(
      "Print a completion script for commands, options and values, including the tasks and modules of a node.",
    )
    .addArgument(new Argument("[shell]", "the shell").choices(SHELLS))
    .addHelpText(
      "after",
      `
Examples:
  source <(tasks completion bash)                                     bash: put it into ~/.bashrc
  source <(tasks completion zsh)                                      zsh: into ~/.zshrc, after compinit
  tasks completion fish > ~/.config/fish/completions/tasks.fish       fish`,
    )
    .action(
      registry.localAction(runCompletion, (_parsed, [shell]) => ({
        shell: required("shell", shell, `Shells: ${SHELLS.join(", ")}.`) as Shell,
      })),
    );
}

async function runCompletion(runtime: Runtime, { shell }: { readonly shell: Shell }): Promise<undefined> {
  await runtime.stdout.write(SCRIPTS[shell]);
  return undefined;
}
