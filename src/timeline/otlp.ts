import { createHash } from "node:crypto";
import packageJson from "../../package.json" with { type: "json" };
import { jsonText } from "../format/text/json-text.js";
import { isFailed, isTimed, type Span, type TimedSpan } from "../tasks/timeline/span.js";
import type { Timeline } from "../tasks/timeline/timeline.js";
import { digitsOf } from "../vocabulary.js";

/** What a collector expects: OTLP's ExportTraceServiceRequest as JSON. */
export interface TraceRequest {
  readonly resourceSpans: readonly object[];
}

/** How many spans are converted to text at once, to save memory. */
const SPANS_AT_ONCE = 5000;

/** OTLP: SPAN_KIND_INTERNAL, STATUS_CODE_ERROR. */
const INTERNAL = 1;
const ERROR = 2;

/**
 * The tasks as spans of one trace, with one resource per node. All ids are derived from the ids of tasks, so sending a trace again
 * repeats the same ids.
 * @param most maximum of spans in one request
 */
export function* traceRequests(timeline: Timeline, most: number): Generator<TraceRequest> {
  const traceId = traceIdOf(timeline.root?.task.id ?? "");
  const ids = spanIds(timeline.spans);
  let byNode = new Map<Span["node"] | null, object[]>();
  let count = 0;
  for (const span of timeline.spans) {
    if (!isTimed(span)) continue;
    const node = span.task.kind === "cluster" ? null : span.node;
    const spans = byNode.get(node);
    const one = spanOf(span, traceId, ids, timeline);
    if (spans === undefined) byNode.set(node, [one]);
    else spans.push(one);
    if (++count < most) continue;
    yield requestOf(byNode);
    byNode = new Map();
    count = 0;
  }
  if (count > 0) yield requestOf(byNode);
}

/** The trace in one file, as OpenTelemetry's file exporters write it: one request, in one line. */
export function* traceFile(timeline: Timeline): Generator<string> {
  yield '{"resourceSpans":[';
  let separator = "";
  for (const { resourceSpans } of traceRequests(timeline, SPANS_AT_ONCE)) {
    for (const each of resourceSpans) {
      yield separator + jsonText(each);
      separator = ",";
    }
  }
  yield "]}\n";
}

function requestOf(byNode: ReadonlyMap<string | null | undefined, readonly object[]>): TraceRequest {
  const scope = { name: packageJson.name, version: packageJson.version };
  return {
    resourceSpans: [...byNode].map(([node, spans]) => ({
      resource: {
        attributes: attributes({
          "service.name": "scylladb",
          ...(node === null ? {} : { "service.instance.id": node, "server.address": node }),
        }),
      },
      scopeSpans: [{ scope, spans }],
    })),
  };
}

function spanOf(span: TimedSpan, traceId: string, ids: ReadonlyMap<Span, string>, { critical }: Timeline): object {
  const { task, time } = span;
  const parent = timedAncestor(span);
  return {
    traceId,
    spanId: ids.get(span),
    ...(parent === undefined ? {} : { parentSpanId: ids.get(parent) }),
    name: task.type || "task",
    kind: INTERNAL,
    startTimeUnixNano: nanoseconds(time.from),
    endTimeUnixNano: nanoseconds(time.to),
    attributes: attributes({
      "scylla.task.id": task.id,
      "scylla.task.kind": task.kind,
      "scylla.task.scope": task.scope,
      "scylla.task.state": task.state,
      "scylla.task.keyspace": task.keyspace,
      "scylla.task.table": task.table,
      "scylla.task.entity": task.entity,
      "scylla.task.shard": task.shard,
      "scylla.task.sequence_number": task.sequence_number,
      "scylla.task.progress.completed": doubleOf(task.progress_completed),
      "scylla.task.progress.total": doubleOf(task.progress_total),
      "scylla.task.progress.units": task.progress_units,
      "scylla.task.critical_path": critical.spans.has(span),
      "scylla.task.start_known": time.isStartKnown ? undefined : false,
      "scylla.task.start_within_ms": time.within?.from || undefined,
      "scylla.task.end_within_ms": time.within?.to || undefined,
      "scylla.task.end": time.end === "known" ? undefined : time.end,
    }),
    status: isFailed(span) ? { code: ERROR, message: task.error ?? "" } : {},
  };
}

function timedAncestor(span: Span): Span | undefined {
  let at = span.parent;
  while (at !== undefined && !isTimed(at)) at = at.parent;
  return at;
}

const nanoseconds = (ms: number): string => (BigInt(Math.round(ms)) * 1_000_000n).toString();

/** A number that the API defines as a double, even if its value is an integer. */
class Double {
  constructor(readonly value: number) {}
}

const doubleOf = (value: number | undefined) =>
  value !== undefined && Number.isFinite(value) ? new Double(value) : undefined;

/** Attributes with OTLP's types. Unknown and empty values are left out. */
function attributes(values: Readonly<Record<string, string | number | boolean | Double | undefined>>): object[] {
  return Object.entries(values).flatMap(([key, value]): object[] => {
    if (value === undefined || value === "") return [];
    if (value instanceof Double) return [{ key, value: { doubleValue: value.value } }];
    if (typeof value === "boolean") return [{ key, value: { boolValue: value } }];
    // proto3 JSON: 64 bit integers are strings.
    if (typeof value === "number") return Number.isSafeInteger(value) ? [{ key, value: { intValue: `${value}` } }] : [];
    return [{ key, value: { stringValue: value } }];
  });
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/** A task id has as many digits as a trace id. Anything else is hashed. */
function traceIdOf(id: string): string {
  const digits = digitsOf(id);
  return /^[0-9a-f]{32}$/.test(digits) && !/^0*$/.test(digits) ? digits : hash(id).slice(0, 32);
}

/**
 * A span id has half as many digits as a task id, so both halves are combined: in some ids only one half differs from task to task.
 */
function spanIds(spans: readonly Span[]): Map<Span, string> {
  const taken = new Set(["0".repeat(16)]);
  const ids = new Map<Span, string>();
  for (const [index, span] of spans.entries()) {
    const { id = "" } = span.task;
    const digits = digitsOf(id);
    let spanId = /^[0-9a-f]{32}$/.test(digits) ? foldedHalves(digits) : hash(id).slice(0, 16);
    while (taken.has(spanId)) spanId = hash(`${spanId} ${index}`).slice(0, 16);
    taken.add(spanId);
    ids.set(span, spanId);
  }
  return ids;
}

function foldedHalves(digits: string): string {
  const [high, low] = [digits.slice(0, 16), digits.slice(16)].map((half) => BigInt(`0x${half}`)) as [bigint, bigint];
  return (high ^ low).toString(16).padStart(16, "0");
}
