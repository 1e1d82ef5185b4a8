import * as v from "valibot";
import { type Scenario, scenarioFileSchema } from "./scenario.js";

/** Something that is not valid, and where: the keys and indexes that lead to it. */
export interface Flaw {
  readonly path: readonly (string | number)[];
  readonly reason: string;
  /** Whether the field itself should not be there. */
  readonly isUnknownField: boolean;
}

/** A valid value, or what is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly flaws: readonly Flaw[] };

/**
 * Checks the content of a scenario file, and fills in defaults.
 * @param ownName - the name of a scenario that has none
 */
export function checkScenario(value: unknown, ownName: string): Checked<Scenario> {
  // An array is an object to the validator.
  if (Array.isArray(value))
    return { flaws: [{ path: [], reason: "expected Object, not Array", isUnknownField: false }] };
  const checked = check(scenarioFileSchema, value);
  if ("flaws" in checked) return checked;
  const { $schema: _, ...scenario } = checked.value;
  return {
    value: { name: ownName, description: "", clusterName: "mock cluster", keyspaces: [], tasks: [], ...scenario },
  };
}

/** Checks a value against a schema. */
export function check<T>(schema: v.GenericSchema<unknown, T>, value: unknown): Checked<T> {
  const result = v.safeParse(schema, value);
  return result.success ? { value: result.output } : { flaws: result.issues.map(flawOf) };
}

function flawOf(issue: v.BaseIssue<unknown>): Flaw {
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  // For an unknown key and for a missing one, valibot reports an issue of the object.
  if (issue.type === "strict_object" && issue.expected === "never") {
    return { path, reason: "unknown field", isUnknownField: true };
  }
  if (issue.type === "strict_object" && issue.received === "undefined") {
    return { path, reason: "is missing", isUnknownField: false };
  }
  const reason = issue.type === "check" ? issue.message : `expected ${issue.expected}, not ${issue.received}`;
  return { path, reason, isUnknownField: false };
}

/** The path as text: `tasks[0].children[1].total`. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}
