import { UsageError } from "../usage-error.js";
import { digitsOf } from "../vocabulary.js";

/** Stands for ids on stdin. */
export const STDIN_IDS = "-";

/** Hex digits that the beginning of an id must have at least. */
const SHORTEST = 4;

/**
 * Whether a word has the length of an id (rest-api: with or without dashes). Such a one is passed on as it is, whatever it holds:
 * it is for the server to refuse.
 */
export const isWholeId = (word: string): boolean => [32, 36].includes([...word].length);

/**
 * A word that names a task: its id, the beginning of one, or `-` for those on stdin.
 * @throws UsageError for any other, so that a typing error is no question to a server
 */
export function checkedId(word: string): string {
  if (word === STDIN_IDS || isWholeId(word)) return word;
  if (/^[0-9a-f-]+$/i.test(word) && word.length < 36 && digitsOf(word).length >= SHORTEST) return word;
  throw new UsageError(
    `'${word}' is not a task id. Give a full id, or at least its first ${SHORTEST} characters (0-9, a-f).`,
  );
}
