import type { Failure } from "../../tasks/explanation.js";
import { failureDuration, failureTitle, stepText } from "../text/explanation-text.js";
import { agoText } from "../text/task-words.js";
import { wrapCells } from "./cell-width.js";
import { errorLines } from "./error-lines.js";
import { entry, type Group, type LabelledValue, labelledGroups } from "./labelled-groups.js";
import type { ViewOptions } from "./view-options.js";

/** Limits for a terminal of normal width; a wide view and programs get all. */
const MOST_FAILURES = 20;
const MOST_STEPS = 12;

/** Where a task's failure began, for a person. */
export function* explanationView(
  summary: string,
  failures: readonly Failure[],
  options: ViewOptions,
): Generator<string> {
  const { style, columns, wide } = options;
  const role = failures.length === 0 ? "title" : "failurePath";
  const lines = wide ? [style.text(summary)] : wrapCells(style.text(summary), columns);
  yield `${lines.map((line) => style.paint(role, line)).join("\n")}\n`;
  const shown = wide ? failures : failures.slice(0, MOST_FAILURES);
  for (const [index, failure] of shown.entries()) {
    yield `\n${labelledGroups([groupOf(failure, index + 1, options)], options)}`;
  }
  if (shown.length < failures.length) {
    yield `\n${style.paint("quiet", `${style.glyphs.ellipsis} ${failures.length - shown.length} more: --wide`)}\n`;
  }
}

function groupOf(failure: Failure, number: number, options: ViewOptions): Group {
  const { style, columns, nowMs, wide } = options;
  const { id, error, node, path, start_time, end_time } = failure;
  const title = `${number}. ${style.text(failureTitle(failure))}`;
  const time = (name: string, value: string | null): LabelledValue[] =>
    value === null ? [] : entry(options, name, `${value} (${agoText(value, nowMs)})`);
  const errorEntry: LabelledValue = {
    name: "error",
    lines: errorLines(error ?? "", style),
    paint: (line) => style.paint("error", line),
  };
  return {
    title: wide ? title : wrapCells(title, columns).join("\n"),
    entries: [
      ...entry(options, "id", id),
      ...(error === null || error === "" ? [] : [errorEntry]),
      ...entry(options, "node", node),
      ...(path.length === 0 ? [] : [{ name: "path", lines: pathLines(failure, options) }]),
      ...time("start_time", start_time),
      ...time("end_time", end_time),
      ...entry(options, "duration", failureDuration(failure)),
    ],
  };
}

/** One step per line, the root first; a very long path is cut in the middle. */
function pathLines({ path }: Failure, { style, wide }: ViewOptions): string[] {
  const { ellipsis, arrow } = style.glyphs;
  const lines = path.map((step, index) => `${index === 0 ? "" : `${arrow} `}${style.text(stepText(step))}`);
  if (wide || lines.length <= MOST_STEPS) return lines;
  const half = MOST_STEPS / 2;
  const left = lines.length - 2 * half;
  return [...lines.slice(0, half), `${ellipsis} ${left} more`, ...lines.slice(-half)];
}
