import { InvalidArgumentError } from "commander";
import { UsageError } from "../usage-error.js";

/** The largest ttl that the server takes, in seconds: 2^32 - 1. */
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

export const ttlSeconds = wholeNumber(0, MAX_UINT32, "seconds");

/** @throws UsageError with the phrase of nodetool where the argument is missing. */
export function required(name: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`required parameter is missing: ${name}`);
  return value;
}
