import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import { faultSchema, NEEDS_EFFECT } from "../../../src/mock/scenarios/fault.js";
import {
  CLUSTER_BELOW_NODE,
  childSchema,
  NAMED_TWICE,
  REPEATED_TWICE,
  rootSchema,
  scenarioFileSchema,
  TOTAL_MISSING,
} from "../../../src/mock/scenarios/scenario.js";

const isCluster: JsonSchema = { required: ["kind"], properties: { kind: { const: "cluster" } } };

/** The checks that concern several fields, in JSON Schema, by their messages. */
const RULES: Readonly<Record<string, JsonSchema>> = {
  [REPEATED_TWICE]: { not: { required: ["each", "copies"] } },
  [NAMED_TWICE]: { not: { required: ["entity", "entityNode"] } },
  [TOTAL_MISSING]: { dependencies: { finalTotal: ["total"], completed: ["total"] } },
  [CLUSTER_BELOW_NODE]: {
    if: { not: isCluster },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
    then: { properties: { children: { items: { not: isCluster } } } },
  },
  [NEEDS_EFFECT]: {
    anyOf: ["latencyMs", "status", "message", "body", "isReset", "isAnswerLost", "truncatedAtBytes", "task"].map(
      (field) => ({
        required: [field],
      }),
    ),
  },
};

/** The JSON schema of scenario files, for editors, made of the one that checks them. */
export function scenarioJsonSchema(): JsonSchema {
  return toJsonSchema(scenarioFileSchema, {
    definitions: { root: rootSchema, child: childSchema, fault: faultSchema },
    ignoreActions: ["readonly"],
    overrideAction: ({ valibotAction, jsonSchema }) => {
      const action = valibotAction as { type: string; message?: unknown; requirement?: unknown };
      if (action.type === "starts_with") return { ...jsonSchema, pattern: `^${String(action.requirement)}` };
      if (action.type !== "check") return undefined;
      const rule = RULES[String(action.message)];
      if (rule === undefined) throw new Error(`no JSON Schema says: ${String(action.message)}`);
      return { ...jsonSchema, allOf: [...(jsonSchema.allOf ?? []), rule] };
    },
  });
}
