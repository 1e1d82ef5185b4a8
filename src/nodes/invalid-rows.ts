import type { InvalidRow } from "../client/transport.js";

/** Counts the rows that were left out because of an invalid id or name, and keeps one message about them. */
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
