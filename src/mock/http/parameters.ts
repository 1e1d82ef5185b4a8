import type { FastifyRequest } from "fastify";
import { Refusal } from "./refusal.js";

const UNSIGNED_32 = 2 ** 32;
const BAD_CAST =
  "boost::wrapexcept<boost::bad_lexical_cast> (bad lexical cast: source type value could not be interpreted as target)";
const TRUE = ["true", "1"];
const FALSE = ["false", "0"];

/** The parameter of the path: routes name at most one each, by what it is. */
export function pathParameter(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? "";
}

/** The task that the path names. */
export function pathTaskId(request: FastifyRequest): string {
  return taskId(pathParameter(request, "task_id"));
}

/**
 * Dashes do not matter, wherever they stand.
 * @throws {Refusal} 500, as the server has it, where the text is no UUID
 */
export function taskId(text: string): string {
  const digits = text.replaceAll("-", "").toLowerCase();
  if (digits.length !== 32) throw notUuid("UUID string size mismatch", text);
  if (!/^[0-9a-f]+$/.test(digits)) throw notUuid("invalid UUID", text);
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function notUuid(reason: string, text: string): Refusal {
  return new Refusal(500, `marshal_exception (marshaling error: ${reason}: '${text}')`);
}

/** A parameter of the query as it is, also where it is empty. */
export function rawParameter(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, string | string[] | undefined>)[name];
  return Array.isArray(value) ? value.at(-1) : value;
}

/** A parameter of the query; empty counts as absent. */
export function queryParameter(request: FastifyRequest, name: string): string | undefined {
  return rawParameter(request, name) || undefined;
}

export function mandatoryParameter(request: FastifyRequest, name: string): string {
  const value = queryParameter(request, name);
  if (value === undefined) throw new Refusal(400, `Missing mandatory parameter '${name}'`);
  return value;
}

/** `true`, `false`, `1` or `0`, in any case (rest-api: How parameters are read). */
export function strictBoolean(request: FastifyRequest, name: string, otherwise: boolean): boolean {
  return booleanOf(queryParameter(request, name), otherwise, TRUE, FALSE, (word) => {
    return new Refusal(400, `${name} (${word}): type error - should be bool`);
  });
}

/** `yes` and `no` too. */
export function lenientBoolean(request: FastifyRequest, name: string, otherwise: boolean): boolean {
  return booleanOf(queryParameter(request, name), otherwise, [...TRUE, "yes"], [...FALSE, "no"], () => {
    return new Refusal(500, "std::runtime_error (Invalid boolean parameter value)");
  });
}

/** `true` and `false` only, as they stand here. */
export function exactBoolean(request: FastifyRequest, name: string, otherwise: boolean): boolean {
  const text = queryParameter(request, name);
  if (text === undefined) return otherwise;
  if (text === "true" || text === "false") return text === "true";
  throw new Refusal(500, "std::runtime_error (Parameter must be either 'true' or 'false')");
}

function booleanOf(
  text: string | undefined,
  otherwise: boolean,
  yes: readonly string[],
  no: readonly string[],
  refusal: (word: string) => Refusal,
): boolean {
  if (text === undefined) return otherwise;
  const word = text.toLowerCase();
  if (yes.includes(word)) return true;
  if (no.includes(word)) return false;
  throw refusal(word);
}

/**
 * A whole number of 32 bits without a sign; a negative one counts from above, so that -1 is the largest (rest-api).
 * @param status - of the refusal where the text is no such number
 */
export function unsigned(text: string, status: number): number {
  const [, sign, digits = ""] = /^([+-]?)(\d+)$/.exec(text) ?? [];
  const magnitude = Number(digits);
  if (digits === "" || magnitude >= UNSIGNED_32) throw new Refusal(status, BAD_CAST);
  return sign === "-" && magnitude > 0 ? UNSIGNED_32 - magnitude : magnitude;
}

/** Names separated by commas; absent, none. */
export function namesParameter(request: FastifyRequest, name: string): string[] | undefined {
  return queryParameter(request, name)
    ?.split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
