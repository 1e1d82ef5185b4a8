import { UsageError } from "../usage-error.js";
import { digitsOf } from "../vocabulary.js";

/** Stands for ids from stdin. */
export const STDIN_IDS = "-";

/** The minimum of hex digits for a shortened id. */
const SHORTEST = 4;

/**
 * Whether a word has the length of an id (rest-api: with or without dashes). Such a word is sent as it is, whatever it holds: the
 * server decides.
 */
export const isWholeId = (word: string): boolean => [32, 36].includes([...word].length);

/**
 * Accepts a word that names a task: an id, the first digits of one, or `-` for ids from stdin.
 * @throws UsageError for any other word, so that a typing error is never sent to a server
 */
export function checkedId(word: string): string {
  if (word === STDIN_IDS || isWholeId(word)) return word;
  if (/^[0-9a-f-]+$/i.test(word) && word.length < 36 && digitsOf(word).length >= SHORTEST) return word;
  throw new UsageError(
    `'${word}' is not a task id. Give a full id, or at least its first ${SHORTEST} characters (0-9, a-f).`,
  );
}
