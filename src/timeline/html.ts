import { createHash } from "node:crypto";
import { PIECE_CHARACTERS } from "../format/text/pieces.js";
import { percentText } from "../format/text/progress-text.js";
import { amountText } from "../format/text/task-words.js";
import { spanText, timelineSentences } from "../format/text/timeline-text.js";
import { escapedXml } from "../strings/escaped-xml.js";
import { printable } from "../strings/printable.js";
import { shardOf } from "../tasks/shard.js";
import type { Span } from "../tasks/timeline/span.js";
import type { Timeline } from "../tasks/timeline/timeline.js";
import { FLAG, type PageData, type PageTask } from "./page-data.js";
import { PAGE } from "./page-texts.js";

/**
 * A self-contained HTML page. Its content policy allows only the page's own script and style, and no requests. Text from servers is
 * embedded as data.
 */
export function* timelinePage(timeline: Timeline): Generator<string> {
  const { script, style, body } = PAGE;
  const title = printable(`Timeline of ${timeline.root === undefined ? "nothing" : spanText(timeline.root)}`);
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  yield `<!doctype html>
<html lang="en" data-theme="auto">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapedXml(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
<h1>${escapedXml(title)}</h1>
${timelineSentences(timeline)
  .map((sentence) => `<p>${escapedXml(printable(sentence))}</p>`)
  .join("\n")}
</header>
${body}
<script type="application/json" id="data">`;
  yield* embedded(dataOf(timeline, title));
  yield `</script>
<script>${script}</script>
</body>
</html>
`;
}

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** JSON that cannot open or close an HTML element, whatever the texts in it say. */
function* embedded({ texts, tasks, ...rest }: PageData): Generator<string> {
  const json = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e");
  yield `${json(rest).slice(0, -1)},"texts":`;
  yield* listed(texts, json);
  yield ',"tasks":';
  yield* listed(tasks, json);
  yield "}";
}

function* listed(values: readonly unknown[], json: (value: unknown) => string): Generator<string> {
  let piece = "[";
  for (const [index, value] of values.entries()) {
    piece += `${index === 0 ? "" : ","}${json(value)}`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = "";
  }
  yield `${piece}]`;
}

function dataOf(timeline: Timeline, title: string): PageData {
  const { spans, range, critical } = timeline;
  const indexes = new Map<Span, number>(spans.map((span, index) => [span, index]));
  const texts = new Map<string, number>();
  /** The index of a text that is safe to show: invisible characters, and those that change the text around them, are escaped. */
  const textOf = (text: string): number => {
    const shown = printable(text);
    const known = texts.get(shown);
    if (known !== undefined) return known;
    texts.set(shown, texts.size);
    return texts.size - 1;
  };
  const tasks = spans.map((span): PageTask => {
    const { task, node, parent, time } = span;
    const { progress_completed: completed = 0, progress_total: total = 0, progress_units: units = "" } = task;
    const flags =
      (time?.isStartKnown === false ? FLAG.startUnknown : 0) |
      (time?.end === "running" ? FLAG.running : 0) |
      (time?.end === "unknown" ? FLAG.endUnknown : 0) |
      (critical.spans.has(span) ? FLAG.critical : 0);
    return [
      parent === undefined ? -1 : (indexes.get(parent) as number),
      textOf(spanText(span)),
      textOf(task.type ?? ""),
      textOf(task.state ?? ""),
      textOf(task.kind === "cluster" ? "cluster" : (node ?? "")),
      shardOf(task) ?? -1,
      time?.from ?? -1,
      time?.to ?? -1,
      time?.within?.from ?? 0,
      time?.within?.to ?? 0,
      flags,
      textOf(task.id ?? ""),
      textOf(task.error ?? ""),
      textOf([percentText(task), amountText(completed, total, units)].filter(Boolean).join(", ")),
    ];
  });
  return {
    title,
    from: range?.from ?? 0,
    to: range?.to ?? 0,
    critical: critical.parts.map(({ span, from, to }) => [indexes.get(span) as number, from, to]),
    texts: [...texts.keys()],
    tasks,
  };
}
