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

/** What becomes of the task that a call starts. */
const startedTaskSchema = v.pipe(
  v.strictObject({
    queuedSeconds: optional(seconds, "For how long it stays `created`."),
    runsSeconds: optional(seconds, "How long each part of it runs that has no parts of its own."),
    total: optional(amount, "How much work each such part is."),
    error: optional(name, "It fails with this."),
    abortedAfterSeconds: optional(seconds, "Someone else aborts it, this long after it was created."),
    isEndless: optional(v.boolean(), "It runs until it is aborted."),
  }),
  v.readonly(),
);

/** A fault, in a file or sent to a mock that runs. */
export const faultSchema = v.pipe(
  v.strictObject({
    method: optional(name, "Which requests, by their method; all where absent."),
    path: optional(
      v.pipe(v.string(), v.startsWith("/"), v.maxLength(LONGEST_PATTERN)),
      "Which requests, by their path without the query: `*` stands for anything but slashes, `**` for anything. All where absent.",
    ),
    node: optional(
      index,
      "Which requests, by the node that they ask: its place in the cluster, from 0. All where absent.",
    ),
    afterSeconds: optional(seconds, "From when on, after the start of the mock, or after it was added. Default 0."),
    forSeconds: optional(seconds, "For how long it goes on; without end where absent."),
    count: optional(
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
      "To how many requests it happens; without end where absent.",
    ),
    probability: optional(
      v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      "To which share of the requests it happens, from 0 to 1. Default 1.",
    ),
    latencyMs: optional(
      v.pipe(v.number(), v.minValue(0), v.maxValue(LONGEST_LATENCY_MS)),
      "The answer comes so much later. Goes together with any of the others.",
    ),
    status: optional(wholeNumber(200, 599), "The server is not asked: this is the answer's status."),
    message: optional(v.string(), "The message of the error that is answered, in the server's form."),
    body: optional(v.string(), "The whole body that is answered, instead of the server's form."),
    contentType: optional(
      v.pipe(name, v.regex(/^[\t\x20-\x7e]+$/, "should be the value of a header")),
      "The content type of the body. Default `text/html`.",
    ),
    isReset: optional(v.boolean(), "The server is not asked: the connection is reset."),
    isAnswerLost: optional(
      v.boolean(),
      "The server does as it was asked, but the connection is reset before its answer.",
    ),
    task: optional(startedTaskSchema, "The server is asked; this becomes of the task that the call starts."),
    truncatedAtBytes: optional(
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      "The server is asked, but its answer breaks off after so many bytes of its body; at the latest before the last one.",
    ),
  }),
  v.check((fault) => EFFECTS.some((effect) => fault[effect] !== undefined), NEEDS_EFFECT),
  v.readonly(),
);

export type StartedTask = v.InferOutput<typeof startedTaskSchema>;

/** What goes wrong with some of the requests. Of several faults that fit a request, the first one happens. */
export type Fault = v.InferOutput<typeof faultSchema>;
