import { jsonText } from "../format/text/json-text.js";
import { PIECE_CHARACTERS } from "../format/text/pieces.js";
import { spanText } from "../format/text/timeline-text.js";
import { isFailed, isTimed, type TimedSpan } from "../tasks/timeline/span.js";
import type { Timeline } from "../tasks/timeline/timeline.js";
import { type Track, tracksOf } from "./tracks.js";

type TraceEvent = Readonly<Record<string, unknown>>;

/**
 * Chrome trace events as JSON, which the Perfetto UI reads. A node is a process, and a shard is a thread, or several if tasks ran
 * there at the same time. Flows lead from a cluster task to its parts, and counters show progress.
 */
export function* perfettoTrace(timeline: Timeline): Generator<string> {
  const { notStarted, unknown } = timeline.untimed;
  const about = {
    root: timeline.root?.task.id ?? null,
    tasks: timeline.spans.length,
    tasks_not_started: notStarted,
    tasks_without_times: unknown,
  };
  let piece = `{"displayTimeUnit":"ms","otherData":${jsonText(about)},"traceEvents":[`;
  let separator = "\n";
  for (const event of events(timeline)) {
    piece += separator + jsonText(event);
    separator = ",\n";
    if (piece.length >= PIECE_CHARACTERS) {
      yield piece;
      piece = "";
    }
  }
  yield `${piece}\n]}\n`;
}

/** The format has microseconds. */
const ts = (ms: number) => ms * 1000;

function* events(timeline: Timeline): Generator<TraceEvent> {
  const tracks = tracksOf(timeline.spans);
  const rows = new Rows(tracks.values());
  yield* rows.names();
  let flows = 0;
  for (const span of timeline.spans) {
    if (!isTimed(span)) continue;
    const ids = rows.of(tracks.get(span) as Track);
    yield sliceOf(span, ids, timeline);
    for (const child of span.task.kind === "cluster" ? span.children : []) {
      if (!isTimed(child)) continue;
      const flow = { name: "part", cat: "task", id: ++flows };
      // A flow has to begin within its slice.
      const from = Math.min(Math.max(child.time.from, span.time.from), span.time.to);
      yield { ...flow, ph: "s", ts: ts(from), ...ids };
      yield { ...flow, ph: "f", bp: "e", ts: ts(child.time.from), ...rows.of(tracks.get(child) as Track) };
    }
    yield* counters(span, ids.pid, timeline);
  }
}

interface TrackIds {
  readonly pid: number;
  readonly tid: number;
}

/** Numbers for nodes and rows. A thread's number is unique even across processes, as some readers ignore the process. */
class Rows {
  readonly #pids = new Map<Track["node"], number>();
  readonly #ids = new Map<Track, TrackIds>();

  constructor(tracks: Iterable<Track>) {
    const { compare } = new Intl.Collator("en", { numeric: true });
    const sorted = [...new Set(tracks)].sort(
      (one, other) =>
        compare(one.node ?? "", other.node ?? "") || (one.shard ?? -1) - (other.shard ?? -1) || one.lane - other.lane,
    );
    for (const { node } of sorted) if (!this.#pids.has(node)) this.#pids.set(node, this.#pids.size + 1);
    let tid = this.#pids.size;
    for (const track of sorted) this.#ids.set(track, { pid: this.#pids.get(track.node) as number, tid: ++tid });
  }

  of(track: Track): TrackIds {
    return this.#ids.get(track) as TrackIds;
  }

  *names(): Generator<TraceEvent> {
    for (const [node, pid] of this.#pids) {
      const name = node === null ? "cluster" : (node ?? "unknown node");
      yield { name: "process_name", ph: "M", pid, args: { name } };
      yield { name: "process_sort_index", ph: "M", pid, args: { sort_index: pid } };
    }
    for (const [{ node, shard, lane }, ids] of this.#ids) {
      const shards = shard === undefined ? (node === null ? "tasks" : "all shards") : `shard ${shard}`;
      const name = lane === 0 ? shards : `${shards} (${lane + 1})`;
      yield { name: "thread_name", ph: "M", ...ids, args: { name } };
      yield { name: "thread_sort_index", ph: "M", ...ids, args: { sort_index: ids.tid } };
    }
  }
}

function sliceOf(span: TimedSpan, ids: TrackIds, { critical }: Timeline): TraceEvent {
  const { task, time } = span;
  const { children_ids: _children, ...fields } = task;
  return {
    name: spanText(span),
    cat: task.type || "task",
    ph: "X",
    ts: ts(time.from),
    dur: ts(time.to - time.from),
    ...ids,
    // The name of a colour that viewers know.
    ...(isFailed(span) ? { cname: "terrible" } : {}),
    args: {
      ...fields,
      critical_path: critical.spans.has(span),
      ...(time.isStartKnown ? {} : { start: "unknown" }),
      ...(time.end === "known" ? {} : { end: time.end }),
      ...(time.within === undefined ? {} : { start_within_ms: time.within.from, end_within_ms: time.within.to }),
    },
  };
}

/** Recorded progress of each task; for the root also its present progress. */
function* counters(span: TimedSpan, pid: number, { progress, root }: Timeline): Generator<TraceEvent> {
  const { task, time } = span;
  const { progress_completed: completed, progress_total: total } = task;
  const recorded = progress.get(task.id ?? "") ?? [];
  const now =
    span === root && completed !== undefined && total !== undefined ? [{ atMs: time.to, completed, total }] : [];
  const points = recorded.length > 0 ? recorded : now;
  for (const point of points) {
    if (!(point.total > 0)) continue;
    const name = `progress of ${spanText(span)} ${(task.id ?? "").slice(0, 8)}`;
    const percent = Math.round((point.completed * 10_000) / point.total) / 100;
    yield { name, ph: "C", ts: ts(point.atMs), pid, args: { percent } };
  }
}
