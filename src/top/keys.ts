import type { TerminalInput } from "../runtime/keyboard.js";
import { isFinished } from "../vocabulary.js";
import {
  heightsOf,
  type Model,
  moved,
  panelRows,
  panelScrolled,
  reordered,
  scrolled,
  selectedAt,
  selectedTask,
  type TaskPanelKind,
} from "./model.js";
import { SORTS } from "./order.js";
import { taskTitle } from "./task-title.js";

/** What to do besides showing the model. */
export type Effect =
  | { readonly kind: "quit" | "interrupt" | "suspend" | "redraw" | "look-now" }
  | { readonly kind: "open"; readonly panel: TaskPanelKind; readonly id: string }
  | { readonly kind: "abort" | "copy"; readonly id: string };

export interface KeyResult {
  readonly model: Model;
  readonly effect?: Effect;
}

/** What a key does. */
export function press(model: Model, input: TerminalInput): KeyResult {
  if (input.kind === "synchronized") return { model };
  if (input.kind === "key") {
    if (input.name === "ctrl-c") return { model, effect: { kind: "interrupt" } };
    if (input.name === "ctrl-z") return { model, effect: { kind: "suspend" } };
    if (input.name === "ctrl-l") return { model, effect: { kind: "redraw" } };
  }
  if (model.confirmation !== undefined) return answer(model, model.confirmation.id, input);
  const quiet = model.message === undefined ? model : scrolled({ ...model, message: undefined });
  if (quiet.isTyping) return { model: typed(quiet, input) };
  // A paste was probably meant for another window.
  if (input.kind === "paste") return { model: quiet };
  if (quiet.panel !== undefined) return inPanel(quiet, input);
  if (input.kind === "mouse") return clicked(quiet, input);
  return input.kind === "key" ? named(quiet, input.name) : lettered(quiet, input.text);
}

/** `y` confirms a question; any other key declines. */
function answer(model: Model, id: string, input: TerminalInput): KeyResult {
  if (input.kind === "mouse") return { model };
  const isYes = input.kind === "character" && /^y$/i.test(input.text);
  if (isYes) return { model: { ...model, confirmation: undefined }, effect: { kind: "abort", id } };
  return { model: { ...model, confirmation: undefined, message: { text: "nothing was aborted", isBad: false } } };
}

function typed(model: Model, input: TerminalInput): Model {
  const filtered = (filter: string) => reordered({ ...model, filter });
  if (input.kind === "character") return filtered(model.filter + input.text);
  if (input.kind === "paste") return filtered(model.filter + input.text.trim());
  if (input.kind !== "key") return model;
  switch (input.name) {
    case "enter":
      return { ...model, isTyping: false };
    case "escape":
      return reordered({ ...model, isTyping: false, filter: "" });
    case "backspace":
      return filtered([...model.filter].slice(0, -1).join(""));
    case "ctrl-u":
      return filtered("");
    case "up":
      return moved(model, -1);
    case "down":
      return moved(model, 1);
    default:
      return model;
  }
}

function named(model: Model, name: Extract<TerminalInput, { kind: "key" }>["name"]): KeyResult {
  const page = Math.max(1, heightsOf(model).list - 1);
  switch (name) {
    case "up":
      return { model: moved(model, -1) };
    case "down":
      return { model: moved(model, 1) };
    case "page-up":
    case "ctrl-u":
      return { model: moved(model, -page) };
    case "page-down":
    case "ctrl-d":
      return { model: moved(model, page) };
    case "home":
      // As at the start: the first task, whichever it is.
      return { model: { ...selectedAt(model, 0), selectedId: undefined, scroll: 0 } };
    case "end":
      return { model: selectedAt(model, model.entries.length - 1) };
    case "enter":
    case "right":
      return onSelected(model, (id) => ({ model, effect: { kind: "open", panel: "tree", id } }));
    case "escape":
      return { model: model.filter === "" ? model : reordered({ ...model, filter: "" }) };
    default:
      return { model };
  }
}

function lettered(model: Model, letter: string): KeyResult {
  switch (letter) {
    case "q":
      return { model, effect: { kind: "quit" } };
    case "j":
      return { model: moved(model, 1) };
    case "k":
      return { model: moved(model, -1) };
    case "g":
      return named(model, "home");
    case "G":
      return named(model, "end");
    case "/":
      return { model: { ...model, isTyping: true } };
    case "s":
      return { model: reordered({ ...model, sort: SORTS[(SORTS.indexOf(model.sort) + 1) % SORTS.length] ?? "age" }) };
    case "n":
      return { model: reordered({ ...model, grouping: model.grouping === "node" ? "none" : "node" }) };
    case "m":
      return { model: reordered({ ...model, grouping: model.grouping === "module" ? "none" : "module" }) };
    case "p":
      return model.isPaused
        ? { model: { ...model, isPaused: false }, effect: { kind: "look-now" } }
        : { model: { ...model, isPaused: true } };
    case "?":
      return { model: { ...model, panel: { kind: "help", scroll: 0 } } };
    case "e":
      return onSelected(model, (id) => ({ model, effect: { kind: "open", panel: "explain", id } }));
    case "t":
      return onSelected(model, (id) => ({ model, effect: { kind: "open", panel: "timeline", id } }));
    case "y":
      return onSelected(model, (id) => ({ model, effect: { kind: "copy", id } }));
    case "w":
      return onSelected(model, (id) => ({ model: awaiting(model, id) }));
    case "a":
      return confirmAbort(model);
    default:
      return { model };
  }
}

function onSelected(model: Model, act: (id: string) => KeyResult): KeyResult {
  const task = selectedTask(model);
  return task === undefined ? { model } : act(task.id);
}

function awaiting(model: Model, id: string): Model {
  const task = model.tasks.get(id);
  const awaited = new Set(model.awaited);
  const say = (text: string): Model => ({ ...model, awaited, message: { text, isBad: false } });
  if (task === undefined || isFinished(task)) return say("this task has ended");
  if (awaited.delete(id)) return say(`no longer waiting for ${taskTitle(task)}`);
  awaited.add(id);
  return say(`will ring when ${taskTitle(task)} ends`);
}

function confirmAbort(model: Model): KeyResult {
  const task = selectedTask(model);
  const refused = (text: string): KeyResult => ({ model: { ...model, message: { text, isBad: true } } });
  if (!model.mayAbort) return { model };
  if (task === undefined) return { model };
  if (isFinished(task)) return refused("this task has ended");
  if (task.status?.is_abortable === false) return refused(`${taskTitle(task)} cannot be aborted`);
  const where = task.node === null || !model.isMany ? "" : ` on ${task.node}`;
  return { model: { ...model, confirmation: { id: task.id, text: `Abort ${taskTitle(task)}${where}, ${task.id}?` } } };
}

function clicked(model: Model, { action, row }: Extract<TerminalInput, { kind: "mouse" }>): KeyResult {
  if (action !== "press") return { model: moved(model, action === "wheel-up" ? -3 : 3) };
  const { header, news, titles, list } = heightsOf(model);
  const line = row - header - news - titles;
  const index = model.scroll + line;
  if (line < 0 || line >= list || model.entries[index]?.kind !== "task") return { model };
  // A click on the selected task opens it.
  return index === model.selected ? named(model, "enter") : { model: selectedAt(model, index) };
}

function inPanel(model: Model, input: TerminalInput): KeyResult {
  const { panel } = model;
  if (panel === undefined) return { model };
  const scrollTo = (line: number): KeyResult => ({ model: panelScrolled(model, line) });
  const by = (lines: number) => scrollTo(panel.scroll + lines);
  const page = Math.max(1, panelRows(model) - 1);
  const other = (kind: TaskPanelKind): KeyResult =>
    panel.kind === "help" || panel.kind === kind
      ? { model }
      : { model, effect: { kind: "open", panel: kind, id: panel.id } };
  const closed = (): KeyResult => ({ model: { ...model, panel: undefined, panelLines: [] } });
  if (input.kind === "mouse") {
    return input.action === "press" ? { model } : by(input.action === "wheel-up" ? -3 : 3);
  }
  const key = input.kind === "key" ? input.name : input.kind === "character" ? input.text : "";
  switch (key) {
    case "up":
    case "k":
      return by(-1);
    case "down":
    case "j":
      return by(1);
    case "page-up":
    case "ctrl-u":
      return by(-page);
    case "page-down":
    case "ctrl-d":
    case " ":
      return by(page);
    case "home":
    case "g":
      return scrollTo(0);
    case "end":
    case "G":
      return scrollTo(model.panelLines.length);
    case "escape":
    case "left":
    case "backspace":
      return closed();
    case "?":
      return panel.kind === "help" ? closed() : { model };
    case "q":
      return panel.kind === "help" ? closed() : { model, effect: { kind: "quit" } };
    case "enter":
      return other("tree");
    case "e":
      return other("explain");
    case "t":
      return other("timeline");
    case "y":
      return panel.kind === "help" ? { model } : { model, effect: { kind: "copy", id: panel.id } };
    case "p":
      return lettered(model, "p");
    default:
      return { model };
  }
}
