import { readStdin } from "../runtime/read-stdin.js";
import type { Runtime } from "../runtime/runtime.js";
import { checkedId, isWholeId, STDIN_IDS } from "../tasks/task-id.js";
import { UnknownBeginningError, UsageError } from "../usage-error.js";
import { digitsOf, MAY_BE_ELSEWHERE } from "../vocabulary.js";
import type { Nodes } from "./nodes.js";

/** How many matching tasks an error names. */
const MAX_NAMED = 10;

/**
 * Resolves words to ids, each once: full ids cost no request, shortened ids are looked up in the lists of all modules,
 * `-` reads words from stdin.
 * @throws UsageError if a word matches no task, or several
 */
export async function resolveIds(runtime: Runtime, nodes: Nodes, words: readonly string[]): Promise<string[]> {
  const named = words.includes(STDIN_IDS) ? await withStdin(runtime, words) : words;
  const found = new Map(named.filter((word) => !isWholeId(word)).map((word) => [word, new Set<string>()]));
  if (found.size > 0) {
    // Grouped by length: comparing every beginning with every task would be quadratic.
    const beginnings = new Map<string, Set<string>[]>();
    for (const [word, ids] of found) {
      const digits = digitsOf(word);
      beginnings.set(digits, [...(beginnings.get(digits) ?? []), ids]);
    }
    const lengths = new Set([...beginnings.keys()].map(({ length }) => length));
    for await (const batch of nodes.tasks({ internal: true })) {
      for (const { task_id: id } of batch) {
        if (id === undefined) continue;
        const digits = digitsOf(id);
        for (const length of lengths) for (const ids of beginnings.get(digits.slice(0, length)) ?? []) ids.add(id);
      }
    }
  }
  return [...new Set(named.map((word) => onlyOne(word, found.get(word), nodes)))];
}

/** {@link resolveIds} for a command that takes one. */
export async function resolveId(runtime: Runtime, nodes: Nodes, word: string): Promise<string> {
  const [id, ...more] = await resolveIds(runtime, nodes, [word]);
  if (id === undefined || more.length > 0) throw new UsageError(`expected one id on stdin, got ${more.length + 1}`);
  return id;
}

async function withStdin(runtime: Runtime, words: readonly string[]): Promise<string[]> {
  const read = (await readStdin(runtime)).split(/\s+/).filter((word) => word !== "" && word !== STDIN_IDS);
  if (read.length === 0) throw new UsageError("required parameter is missing: id (stdin has none)");
  return words.flatMap((word) => (word === STDIN_IDS ? read.map(checkedId) : [word]));
}

function onlyOne(word: string, ids: ReadonlySet<string> | undefined, { isMany }: Nodes): string {
  if (ids === undefined) return word;
  const [id, ...more] = ids;
  if (id === undefined) {
    throw new UnknownBeginningError(
      `no listed task has an id that starts with '${word}'${isMany ? "" : `\n${MAY_BE_ELSEWHERE}`}`,
    );
  }
  if (more.length === 0) return id;
  const named = [id, ...more].slice(0, MAX_NAMED);
  const rest = ids.size - named.length;
  throw new UsageError(
    `${ids.size} tasks have ids that start with '${word}': ${named.join(", ")}${rest === 0 ? "" : ` and ${rest} more`}\n` +
      "Give more characters.",
  );
}
