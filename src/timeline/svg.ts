import { piecesOf } from "../format/text/pieces.js";
import { timeTicks } from "../format/text/time-axis.js";
import { isOfManyNodes, laneText, laneTookText, percentOf, timelineSentences } from "../format/text/timeline-text.js";
import { escapedXml } from "../strings/escaped-xml.js";
import { numberOf } from "../strings/number-of.js";
import { printable } from "../strings/printable.js";
import { wrapWords } from "../strings/wrap-words.js";
import { chosenLanes, foldedLane, type Lane } from "../tasks/timeline/lanes.js";
import type { Interval } from "../tasks/timeline/span.js";
import type { Timeline } from "../tasks/timeline/timeline.js";

const WIDTH = 960;
const MARGIN = 16;
const LINE = 18;
const LANE = 24;
const AXIS = 26;
const NUMBERS = 108;
/** Room for a lane's busy time, in characters. */
const BUSY_CHARACTERS = 6;
/** The approximate width of a character. */
const CHARACTER = 6.6;
const LONGEST_LABEL = 36;
const DEFAULT_LANES = 60;
const TICK_WIDTH = 110;

/** Colours that colour-blind people can tell apart (Okabe and Ito). Each kind of bar also has its own height. */
const STYLE = `text{font:12px system-ui,sans-serif;fill:#1b1b1b}
.title{font-weight:600}
.quiet{fill:#595959}
.grid{stroke:#ddd}
.open{fill:#8a8a8a}
.busy{fill:#56b4e9}
.critical{fill:url(#critical)}
.failed{stroke:#d55e00;stroke-width:2.5;fill:none}
.running{fill:#1b1b1b}`;

/** The lanes as a picture for a report: self-contained SVG. */
export function timelinePicture(timeline: Timeline, maxLanes = DEFAULT_LANES): Iterable<string> {
  return piecesOf(lines(timeline, maxLanes));
}

function* lines(timeline: Timeline, maxLanes: number): Generator<string> {
  const { range, lanes, root } = timeline;
  const { shown, folded } = chosenLanes(lanes, maxLanes);
  const isManyNodes = isOfManyNodes(lanes);
  const rows = [
    ...shown.map((lane) => ({ lane, name: printable(laneText(lane, isManyNodes)) })),
    ...(folded.length === 0 ? [] : [{ lane: foldedLane(folded), name: `${folded.length} more lanes` }]),
  ];
  const sentences = timelineSentences(timeline);
  const text = sentences.flatMap((sentence) =>
    wrapWords(printable(sentence), Math.floor((WIDTH - 2 * MARGIN) / CHARACTER)).split("\n"),
  );
  const top = MARGIN + text.length * LINE + 8;
  const height = range === undefined ? top + MARGIN : top + AXIS + rows.length * LANE + 2 * LINE + MARGIN;
  const title = `When the parts of task ${root?.task.id ?? ""} ran`;
  yield `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">`;
  yield `<title id="title">${escaped(title)}</title>`;
  yield `<desc id="desc">${escaped(sentences.join(" "))}</desc>`;
  yield `<style>${STYLE}</style>`;
  yield '<defs><pattern id="critical" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#0072b2"/><rect width="2" height="6" fill="#e69f00"/></pattern></defs>';
  yield `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`;
  for (const [index, line] of text.entries()) {
    yield textAt(MARGIN, MARGIN + (index + 1) * LINE - 5, line, index === 0 ? "title" : "");
  }
  if (range !== undefined) {
    const longest = longestOf(rows.map(({ name }) => shortened(name)));
    const left = MARGIN + longest * CHARACTER + 12;
    yield* bars(rows, timeline, range, { left, top });
    yield* legend(left, top + AXIS + rows.length * LANE + LINE + 4);
  }
  yield "</svg>";
}

const longestOf = (texts: readonly string[]) => texts.reduce((most, { length }) => Math.max(most, length), 0);

function shortened(name: string): string {
  if (name.length <= LONGEST_LABEL) return name;
  const half = LONGEST_LABEL / 2 - 1;
  return `${name.slice(0, half)}…${name.slice(-half)}`;
}

function* bars(
  rows: readonly { readonly lane: Lane; readonly name: string }[],
  { root }: Timeline,
  range: Interval,
  { left, top }: { readonly left: number; readonly top: number },
): Generator<string> {
  const longestBusy = longestOf(rows.map(({ lane }) => laneTookText(lane)));
  const right = WIDTH - MARGIN - NUMBERS - Math.max(0, longestBusy - BUSY_CHARACTERS) * CHARACTER;
  const length = Math.max(range.to - range.from, 1);
  const x = (ms: number) => left + ((ms - range.from) * (right - left)) / length;
  const bottom = top + AXIS + rows.length * LANE;
  const totalMs = root?.time === undefined ? 0 : root.time.to - root.time.from;
  for (const { ms, text } of timeTicks(range, Math.floor((right - left) / TICK_WIDTH))) {
    yield `<line class="grid" x1="${fixed(x(ms))}" x2="${fixed(x(ms))}" y1="${top + AXIS - 6}" y2="${bottom}"/>`;
    yield textAt(x(ms), top + AXIS - 12, text, "quiet", "middle");
  }
  yield textAt(MARGIN, top + AXIS - 12, "UTC", "quiet");
  for (const [index, { lane, name }] of rows.entries()) {
    const middle = top + AXIS + index * LANE + LANE / 2;
    const share = lane.criticalMs === 0 ? "" : `${percentOf(lane.criticalMs, totalMs)}%`;
    const busy = laneTookText(lane);
    const about = [
      `${name}: ${numberOf(lane.spans.length, "task")}`,
      ...(lane.failed.length === 0 ? [] : [`${lane.failed.length} failed`]),
      ...(busy === "" ? [] : [`busy for ${busy}`]),
      ...(share === "" ? [] : [`${share} of the time of the root task`]),
    ];
    yield `<g><title>${escaped(about.join(", "))}</title>`;
    yield textAt(MARGIN, middle + 4, shortened(name));
    const rects = (kind: string, intervals: readonly Interval[], high: number) => {
      const parts = coarse(intervals, length / (right - left) / 2).map(({ from, to }) => {
        const width = Math.max(1, x(to) - x(from));
        return `M${fixed(x(from))} ${middle - high / 2}h${fixed(width)}v${high}h-${fixed(width)}z`;
      });
      return parts.length === 0 ? [] : [`<path class="${kind}" d="${parts.join("")}"/>`];
    };
    yield* rects("open", lane.open, 2);
    yield* rects("busy", lane.busy, 10);
    yield* rects("critical", lane.critical, 16);
    const failures = new Set(lane.failed.flatMap(({ time }) => (time === undefined ? [] : [Math.round(x(time.to))])));
    if (failures.size > 0) {
      const crosses = [...failures].map((at) => `M${at - 4} ${middle - 4}l8 8m0 -8l-8 8`);
      yield `<path class="failed" d="${crosses.join("")}"/>`;
    }
    if (lane.isRunning) yield `<path class="running" d="M${fixed(right + 1)} ${middle - 5}l7 5l-7 5z"/>`;
    yield textAt(WIDTH - MARGIN - 46, middle + 4, busy, "quiet", "end");
    yield textAt(WIDTH - MARGIN, middle + 4, share, "quiet", "end");
    yield "</g>";
  }
}

function* legend(left: number, y: number): Generator<string> {
  const entries = [
    ["critical", 16, "critical path"],
    ["busy", 10, "running"],
    ["open", 2, "waiting for its parts"],
  ] as const;
  let x = left;
  for (const [kind, high, text] of entries) {
    yield `<rect class="${kind}" x="${fixed(x)}" y="${y - 4 - high / 2}" width="22" height="${high}"/>`;
    yield textAt(x + 28, y, text, "quiet");
    x += 28 + text.length * CHARACTER + 20;
  }
  yield `<path class="failed" d="M${fixed(x)} ${y - 8}l8 8m0 -8l-8 8"/>`;
  yield textAt(x + 14, y, "failed", "quiet");
}

/** Joins intervals with gaps too small to see. */
function coarse(intervals: readonly Interval[], leastGap: number): Interval[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of intervals) {
    const last = result.at(-1);
    if (last !== undefined && from - last.to < leastGap) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

const fixed = (value: number): string => String(Math.round(value * 10) / 10);

function textAt(x: number, y: number, text: string, role = "", anchor = ""): string {
  if (text === "") return "";
  const attributes = `${role && ` class="${role}"`}${anchor && ` text-anchor="${anchor}"`}`;
  return `<text x="${fixed(x)}" y="${fixed(y)}"${attributes}>${escaped(text)}</text>`;
}

/** Escapes a server's text for XML; invisible characters become visible escapes first. */
const escaped = (text: string): string => escapedXml(printable(text));
