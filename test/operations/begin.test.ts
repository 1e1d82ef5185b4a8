import { expect, test } from "vitest";
import { type ErrorBody, HttpStatusError, RequestTimeoutError, UnreachableError } from "../../src/client/errors.js";
import { mayHaveStarted } from "../../src/operations/begin.js";

const REQUEST = { method: "POST", origin: "http://n:10000", path: "/tasks/compaction/keyspace_compaction/shop" };
const answered = (status: number, body: ErrorBody) => new HttpStatusError(REQUEST, status, "", "", body);

test.each<[boolean, string, Error]>([
  [false, "a refusal", answered(400, "scylla")],
  [false, "an error of the node", answered(500, "scylla")],
  [false, "a proxy that does not understand", answered(400, "foreign")],
  [true, "a proxy that has an error", answered(500, "foreign")],
  [true, "a proxy that had enough", answered(408, "foreign")],
  [true, "a proxy that lost the node", answered(502, "json")],
  [true, "silence", new RequestTimeoutError(REQUEST, 1)],
  [true, "a connection that broke", new UnreachableError(REQUEST, "", "ECONNRESET", true)],
  [false, "no connection", new UnreachableError(REQUEST, "", "ECONNREFUSED", false)],
  [false, "a fault of this program", new TypeError("boom")],
])("it is %s that a start may run after %s", (expected, _what, error) => {
  expect(mayHaveStarted(error)).toBe(expected);
});
