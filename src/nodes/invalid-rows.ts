import type { InvalidRow } from "../client/transport.js";

/**
 * Counts the rows of lists that were left out, as what a server calls their id or name could not be one, and keeps one sentence on
 * them among what was left out.
 */
export function countInvalidRows(leftOut: Set<string>): (row: InvalidRow) => void {
  let count = 0;
  let first = "";
  let sentence = "";
  return ({ request, reason }) => {
    count++;
    if (count === 1) first = `${request.origin}${request.path}: ${reason}`;
    leftOut.delete(sentence);
    sentence = count === 1 ? `a row was left out: ${first}` : `${count} rows were left out, the first: ${first}`;
    leftOut.add(sentence);
  };
}
