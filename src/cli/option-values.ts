import { InvalidArgumentError } from "commander";
import type { TimePoint } from "../journal/time-point.js";

/** The largest ttl that servers accept, in seconds: 2^32 - 1. */
const MAX_UINT32 = 4_294_967_295;

/** Reads a whole number from `min` to `max`; for use as commander's argument parser. */
export function wholeNumber(min: number, max: number, unit = ""): (text: string) => number {
  return (text) => {
    const value = /^\+?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new InvalidArgumentError(
        `It takes a whole number${unit === "" ? "" : ` of ${unit}`} from ${min} to ${max}.`,
      );
    }
    return value;
  };
}

/** Reads a ttl into seconds: `600`, `10m`; for use as commander's argument parser. */
export function ttlSeconds(text: string): number {
  const seconds = /^(\d+(h|m|s|d))+$/.test(text) ? String(durationMs(text) / 1000) : text;
  return wholeNumber(0, MAX_UINT32, "seconds, or a duration such as 10m,")(seconds);
}

/** Reads a number above 0; for use as commander's argument parser. */
export function positiveNumber(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0)) throw new InvalidArgumentError("It takes a number above 0.");
  return value;
}

/** Reads a list of words with commas; if the option is repeated, adds to the list. For use as commander's argument parser. */
export function commaSeparated(text: string, previous: readonly string[] = []): readonly string[] {
  const words = text.split(",").map((word) => word.trim());
  if (words.includes("")) throw new InvalidArgumentError("It takes names with commas between them.");
  return [...previous, ...words];
}

/** Reads one of a few words, in upper or lower case; for use as commander's argument parser. Completion reads `words`. */
export function oneOf<T extends string>(words: readonly T[]): ((text: string) => T) & { readonly words: readonly T[] } {
  const read = (text: string) => {
    const word = words.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
    if (word === undefined) throw new InvalidArgumentError(`It takes one of ${words.join(", ")}.`);
    return word;
  };
  return Object.assign(read, { words });
}

const UNIT_MS = new Map(Object.entries({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }));

/** Reads a duration into milliseconds: `90` (seconds), `1.5s`, `5m`, `1h30m`; for use as commander's argument parser. */
export function durationMs(text: string): number {
  const withUnits = /^\d+(\.\d+)?$/.test(text) ? `${text}s` : text;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(withUnits)) {
    throw new InvalidArgumentError("It takes seconds or a duration such as 90, 30s, 5m or 1h30m.");
  }
  let total = 0;
  for (const [, count, unit = ""] of withUnits.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(count) * (UNIT_MS.get(unit) as number);
  }
  if (total > Number.MAX_SAFE_INTEGER) {
    throw new InvalidArgumentError(`It takes at most ${Math.floor(Number.MAX_SAFE_INTEGER / 1000)} seconds.`);
  }
  return total;
}

/** {@link durationMs} for a time limit that no request could keep to if it were 0. */
export function timeLimitMs(text: string): number {
  const ms = durationMs(text);
  if (ms === 0) throw new InvalidArgumentError("It takes a duration above 0.");
  return ms;
}

const TIME_FORMS = "It takes a time such as 2026-11-24T03:12, 2026-11-24T03:12:00Z, 2h or '2h ago'.";

/** Reads a time: ISO 8601, in local time if there is no zone, or a duration ago; for use as commander's argument parser. */
export function timePoint(text: string): TimePoint {
  const [, duration] = /^(\d[\d.a-z]*[a-z])(?: +ago)?$/.exec(text) ?? [];
  if (duration !== undefined) {
    try {
      return { agoMs: durationMs(duration) };
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      throw new InvalidArgumentError(TIME_FORMS);
    }
  }
  const [, date, time = "00:00", zone = ""] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:?\d\d)?$/.exec(text) ?? [];
  const atMs = date === undefined ? Number.NaN : Date.parse(`${date}T${time}${zone}`);
  // `Date` would turn a day that the month does not have into one of the next month.
  const isDay = !Number.isNaN(atMs) && new Date(`${date}T00:00Z`).toISOString().startsWith(date ?? "");
  if (!isDay) throw new InvalidArgumentError(TIME_FORMS);
  return { atMs };
}

const UNIT_BYTES = new Map(Object.entries({ "": 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }));

/** Reads a size into bytes: `100000`, `512KB`, `100MB`, `2GB` or `2GiB` (the same); for use as commander's argument parser. */
export function sizeBytes(text: string): number {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?) ?(KB|MB|GB|)$/i.exec(text.replace(/iB$/i, "B")) ?? [];
  const bytes = Math.floor(Number(count) * (UNIT_BYTES.get(unit.toUpperCase()) as number));
  if (!(bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER)) {
    throw new InvalidArgumentError("It takes a size such as 100000 (bytes), 512KB, 100MB or 2GB.");
  }
  return bytes;
}
