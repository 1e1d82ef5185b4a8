import { UsageError } from "../usage-error.js";

/** A range of numbers, in the notation of the guidelines for monitoring plugins. */
export interface Threshold {
  /** The range as given, which performance data repeats. */
  readonly text: string;
  /** Whether a value raises the alert. */
  raisedBy(value: number): boolean;
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const RANGE = new RegExp(`^(@?)(?:(${NUMBER}|~)?(:))?(${NUMBER})?$`);

/**
 * Reads a range: `10` (more than 10, or less than 0), `10:` (less than 10), `~:10` (more than 10), `10:20` (outside), `@10:20` (inside).
 * @throws UsageError if it is not a range
 */
export function threshold(option: string, text: string): Threshold {
  const [, inside, start, colon, end] = RANGE.exec(text) ?? [];
  const from = start === "~" ? Number.NEGATIVE_INFINITY : Number(start ?? 0);
  const to = end === undefined ? Number.POSITIVE_INFINITY : Number(end);
  if ((colon === undefined && end === undefined) || (colon !== undefined && start === undefined) || !(from <= to)) {
    throw new UsageError(
      `option '${option} <range>' argument '${text}' is invalid. It takes a range such as 5 (more than 5), 1: (less than 1), 1:5 or @1:5.`,
    );
  }
  const isInside = (value: number) => value >= from && value <= to;
  return { text, raisedBy: (value) => isInside(value) === (inside === "@") };
}
