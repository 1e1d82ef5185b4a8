import * as v from "valibot";
import { amount, index, name, optional, seconds, wholeNumber } from "./schema-fields.js";

const LONGEST_LATENCY_MS = 3_600_000;
const LONGEST_PATTERN = 1000;

const EFFECTS = [
  "latencyMs",
  "status",
  "message",
  "body",
  "isReset",
  "isAnswerLost",
  "truncatedAtBytes",
  "task",
] as const;
export const NEEDS_EFFECT = `needs one of ${EFFECTS.join(", ")}`;

/** How the task that a call starts is changed. */
const startedTaskSchema = v.pipe(
  v.strictObject({
    queuedSeconds: optional(seconds, "How long it stays `created`."),
    runsSeconds: optional(seconds, "How long each part without parts of its own runs."),
    total: optional(amount, "The work of each such part."),
    error: optional(name, "It fails with this."),
    abortedAfterSeconds: optional(seconds, "Somebody else aborts it, this long after it was created."),
    isEndless: optional(v.boolean(), "It runs until it is aborted."),
  }),
  v.readonly(),
);

/** A fault, in a scenario file or in the body of a control route. */
export const faultSchema = v.pipe(
  v.strictObject({
    method: optional(name, "The method of the affected requests; default: all."),
    path: optional(
      v.pipe(v.string(), v.startsWith("/"), v.maxLength(LONGEST_PATTERN)),
      "The path of the affected requests, without the query: `*` matches anything except slashes, `**` anything. Default: all.",
    ),
    node: optional(index, "The node of the affected requests: its index in the cluster, from 0. Default: all."),
    afterSeconds: optional(
      seconds,
      "When the fault starts, counted from the start of the mock or from when the fault was added. Default 0.",
    ),
    forSeconds: optional(seconds, "How long the fault lasts. Default: without end."),
    count: optional(wholeNumber(1, Number.MAX_SAFE_INTEGER), "How many requests it affects. Default: all."),
    probability: optional(
      v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      "The share of requests that it affects, from 0 to 1. Default 1.",
    ),
    latencyMs: optional(
      v.pipe(v.number(), v.minValue(0), v.maxValue(LONGEST_LATENCY_MS)),
      "Delays the answer by this much. Can be combined with any other effect.",
    ),
    status: optional(wholeNumber(200, 599), "The server does not get the request: this is the status of the answer."),
    message: optional(v.string(), "The message of the error answer, in the server's form."),
    body: optional(v.string(), "The whole body of the answer, instead of the server's form."),
    contentType: optional(
      v.pipe(name, v.regex(/^[\t\x20-\x7e]+$/, "should be the value of a header")),
      "The content type of the body. Default `text/html`.",
    ),
    isReset: optional(v.boolean(), "The server does not get the request: the connection is reset."),
    isAnswerLost: optional(
      v.boolean(),
      "The server processes the request, but the connection is reset before its answer.",
    ),
    task: optional(startedTaskSchema, "The server processes the request; this changes the task that the call starts."),
    truncatedAtBytes: optional(
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      "The server processes the request, but its answer breaks off after this many bytes of the body, at the latest before the last one.",
    ),
  }),
  v.check((fault) => EFFECTS.some((effect) => fault[effect] !== undefined), NEEDS_EFFECT),
  v.readonly(),
);

export type StartedTask = v.InferOutput<typeof startedTaskSchema>;

/** What goes wrong with some of the requests. If several faults match a request, the first one applies. */
export type Fault = v.InferOutput<typeof faultSchema>;
