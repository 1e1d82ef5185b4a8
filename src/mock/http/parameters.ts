import type { FastifyRequest } from "fastify";
import { HttpError } from "./http-error.js";

const UNSIGNED_32 = 2 ** 32;
const BAD_CAST =
  "boost::wrapexcept<boost::bad_lexical_cast> (bad lexical cast: source type value could not be interpreted as target)";
const TRUE = ["true", "1"];
const FALSE = ["false", "0"];

/** A parameter of the path, such as `:module`; decoded. */
export function pathParameter(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? "";
}

/**
 * The id of the task in the path.
 * @throws {HttpError} 500 if it is no UUID
 */
export function pathTaskId(request: FastifyRequest): string {
  return taskId(pathParameter(request, "task_id"));
}

/**
 * Reads a UUID; dashes do not matter, wherever they are (rest-api: How parameters are read).
 * @returns it in lower case, with dashes
 * @throws {HttpError} 500 if it is no UUID
 */
export function taskId(text: string): string {
  const digits = text.replaceAll("-", "").toLowerCase();
  if (digits.length !== 32) throw notUuid("UUID string size mismatch", text);
  if (!/^[0-9a-f]+$/.test(digits)) throw notUuid("invalid UUID", text);
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function notUuid(reason: string, text: string): HttpError {
  return new HttpError(500, `marshal_exception (marshaling error: ${reason}: '${text}')`);
}

/** A parameter of the query; may be empty. */
export function rawParameter(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, string | string[] | undefined>)[name];
  return Array.isArray(value) ? value.at(-1) : value;
}

/** A parameter of the query; an empty one counts as absent. */
export function queryParameter(request: FastifyRequest, name: string): string | undefined {
  return rawParameter(request, name) || undefined;
}

/** @throws {HttpError} 400 if it is absent or empty */
export function mandatoryParameter(request: FastifyRequest, name: string): string {
  const value = queryParameter(request, name);
  if (value === undefined) throw new HttpError(400, `Missing mandatory parameter '${name}'`);
  return value;
}

/**
 * `true`, `false`, `1` or `0`, in any case (rest-api: How parameters are read).
 * @throws {HttpError} 400
 */
export function strictBoolean(request: FastifyRequest, name: string, otherwise: boolean): boolean {
  return booleanOf(queryParameter(request, name), otherwise, TRUE, FALSE, (word) => {
    return new HttpError(400, `${name} (${word}): type error - should be bool`);
  });
}

/**
 * Also `yes` and `no`.
 * @throws {HttpError} 500
 */
export function lenientBoolean(request: FastifyRequest, name: string, otherwise: boolean): boolean {
  return booleanOf(queryParameter(request, name), otherwise, [...TRUE, "yes"], [...FALSE, "no"], () => {
    return new HttpError(500, "std::runtime_error (Invalid boolean parameter value)");
  });
}

/**
 * Only `true` and `false`, in lower case.
 * @throws {HttpError} 500
 */
export function exactBoolean(request: FastifyRequest, name: string, otherwise: boolean): boolean {
  const text = queryParameter(request, name);
  if (text === undefined) return otherwise;
  if (text === "true" || text === "false") return text === "true";
  throw new HttpError(500, "std::runtime_error (Parameter must be either 'true' or 'false')");
}

function booleanOf(
  text: string | undefined,
  otherwise: boolean,
  yes: readonly string[],
  no: readonly string[],
  refusal: (word: string) => HttpError,
): boolean {
  if (text === undefined) return otherwise;
  const word = text.toLowerCase();
  if (yes.includes(word)) return true;
  if (no.includes(word)) return false;
  throw refusal(word);
}

/**
 * Reads an unsigned number of 32 bits; -1 is the largest, -2 the one before (rest-api: How parameters are read).
 * @param status - the status of the error if it is no such number
 */
export function unsigned(text: string, status: number): number {
  const [, sign, digits = ""] = /^([+-]?)(\d+)$/.exec(text) ?? [];
  const magnitude = Number(digits);
  if (digits === "" || magnitude >= UNSIGNED_32) throw new HttpError(status, BAD_CAST);
  return sign === "-" && magnitude > 0 ? UNSIGNED_32 - magnitude : magnitude;
}

/** Names separated by commas; `undefined` if the parameter is absent. */
export function namesParameter(request: FastifyRequest, name: string): string[] | undefined {
  return queryParameter(request, name)
    ?.split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
