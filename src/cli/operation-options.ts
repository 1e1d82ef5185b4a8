import { InvalidArgumentError, Option, type OptionValues } from "commander";
import type { Given, Operation, OperationOption } from "../operations/operation.js";
import { UsageError } from "../usage-error.js";
import { commaSeparated, durationMs, oneOf, wholeNumber } from "./option-values.js";

/** Creates commander's option for an option of an operation. */
export function commanderOption({
  flags,
  description,
  words,
  range,
  isList,
  isRepeated,
  isDuration,
}: OperationOption): Option {
  const option = new Option(flags, words === undefined ? description : `${description}: ${words.join(", ")}`);
  if (words !== undefined) option.argParser(oneOf(words));
  else if (range !== undefined) option.argParser(wholeNumber(...range));
  else if (isDuration) option.argParser(durationMs);
  else if (isList || isRepeated) {
    option.argParser((value: string, previous: readonly string[] = []) => {
      const values = isList ? commaSeparated(value) : [value];
      if (values.length === 0) throw new InvalidArgumentError("It takes at least one.");
      return [...previous, ...values];
    });
  }
  return option;
}

/** @throws UsageError if an option is given that has no effect in this run */
export function refuseUnusedOptions(operation: Operation, parsed: OptionValues, given: Given): void {
  const isOfMany = parsed.allNodes === true || (parsed.host ?? []).length > 1;
  if (operation.isDangerous && isOfMany) {
    throw new UsageError(`'start ${operation.name}' works on one node: give exactly one --host, without --all-nodes`);
  }
  if (operation.needsWait?.(given) && parsed.wait !== true && parsed.dryRun !== true) {
    throw new UsageError(`'start ${operation.name}' starts no task that could be followed later: it needs --wait`);
  }
  const firstGiven = (names: readonly string[]) => names.find((name) => parsed[name] !== undefined);
  const hasMany = isOfMany || operation.isOfMany?.(given) === true;
  const ofMany = hasMany ? undefined : firstGiven(["parallel", "keepGoing"]);
  if (ofMany !== undefined) throw new UsageError(`option '--${dashed(ofMany)}' needs --all-nodes`);
  if (isOfMany || parsed.wait === true) return;
  const ofWait =
    firstGiven(["quiet", "timeout", "abortOnTimeout", "junit", "history"]) ??
    (parsed.progress === "auto" ? undefined : "progress");
  if (ofWait !== undefined) throw new UsageError(`option '--${dashed(ofWait)}' needs --wait`);
}

const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
