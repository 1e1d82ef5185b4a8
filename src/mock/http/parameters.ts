import type { FastifyRequest } from "fastify";
import { Refusal } from "./refusal.js";

const LARGEST_TTL_SECONDS = 2 ** 32 - 1;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  "1": true,
  false: false,
  False: false,
  "0": false,
};

/** The parameter of the path: routes name at most one each, by what it is. */
export function pathParameter(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? "";
}

/** The task that the path names. */
export function pathTaskId(request: FastifyRequest): string {
  return taskId(pathParameter(request, "task_id"));
}

/** @throws {Refusal} 500, as the server has it, where the text is no UUID */
export function taskId(text: string): string {
  if (!UUID.test(text)) throw new Refusal(500, `invalid UUID: "${text}"`);
  return text.toLowerCase();
}

/** A parameter of the query; empty counts as absent. */
export function queryParameter(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, string | string[] | undefined>)[name];
  return (Array.isArray(value) ? value.at(-1) : value) || undefined;
}

export function mandatoryParameter(request: FastifyRequest, name: string): string {
  const value = queryParameter(request, name);
  if (value === undefined) throw new Refusal(400, `Missing mandatory parameter '${name}'`);
  return value;
}

export function booleanParameter(request: FastifyRequest, name: string, otherwise: boolean): boolean {
  const text = queryParameter(request, name);
  if (text === undefined) return otherwise;
  const value = Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined;
  if (value === undefined) throw new Refusal(400, `Parameter '${name}' is not a boolean: "${text}"`);
  return value;
}

/** A whole number of seconds, from 0 to 2^32-1. */
export function secondsParameter(request: FastifyRequest, name: string): number | undefined {
  const text = queryParameter(request, name);
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds > LARGEST_TTL_SECONDS) {
    throw new Refusal(400, `Parameter '${name}' is not a number from 0 to ${LARGEST_TTL_SECONDS}: "${text}"`);
  }
  return seconds;
}

/** Names separated by commas; absent, none. */
export function namesParameter(request: FastifyRequest, name: string): string[] | undefined {
  return queryParameter(request, name)
    ?.split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** One of the words that the call knows, if it is there. */
export function wordParameter(request: FastifyRequest, name: string, words: readonly string[]): string | undefined {
  const word = queryParameter(request, name);
  if (word !== undefined && !words.includes(word)) {
    throw new Refusal(400, `Parameter '${name}' is none of ${words.join(", ")}: "${word}"`);
  }
  return word;
}
