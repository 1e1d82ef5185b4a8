import type { Paint } from "./paint.js";
import { factsOf, type Task, timeText, tookText } from "./tasks.js";

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  text = "",
  ...children: readonly Node[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (text !== "") made.textContent = text;
  made.append(...children);
  return made;
}

/** Shows all details of the selected task. */
export function showDetails(place: HTMLElement, task: Task | undefined): void {
  if (task === undefined) {
    place.replaceChildren(element("p", "Choose a task to see what is known of it."));
    return;
  }
  const facts = factsOf(task).map(([name, value]) => element("div", "", element("dt", name), element("dd", value)));
  place.replaceChildren(element("h2", task.name), element("dl", "", ...facts));
  if (task.error !== "") place.append(element("pre", task.error));
}

const LONGEST_ERROR = 300;

/** Shows a tooltip beside the pointer. */
export function showTip(tip: HTMLElement, task: Task | undefined, x: number, y: number): void {
  tip.hidden = task === undefined;
  if (task === undefined) return;
  const facts = factsOf(task).filter(([name]) => name !== "id");
  const lines = facts.map(([name, value]) => element("span", `${name}: ${value}`));
  if (task.error !== "") lines.push(element("span", `error: ${task.error.slice(0, LONGEST_ERROR)}`));
  tip.replaceChildren(element("strong", task.name), ...lines);
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.max(4, Math.min(x + 14, innerWidth - width - 4));
  const top = y + 16 + height > innerHeight ? Math.max(4, y - height - 10) : y + 16;
  tip.style.transform = `translate(${left}px, ${top}px)`;
}

const MOST_KINDS = 24;

export function showLegend(place: HTMLElement, paint: Paint): void {
  const items = paint.kinds.slice(0, MOST_KINDS).map(({ value, label }) => {
    const swatch = document.createElement("canvas");
    swatch.width = 26;
    swatch.height = 14;
    const context = swatch.getContext("2d");
    if (context !== null) {
      context.fillStyle = paint.fill(value, context);
      context.fillRect(0, 0, 26, 14);
    }
    return element("li", "", swatch, element("span", label));
  });
  if (paint.kinds.length > MOST_KINDS) items.push(element("li", `and ${paint.kinds.length - MOST_KINDS} more`));
  items.push(element("li", "▬ below a bar: critical path"), element("li", "thin bar: waits for its parts"));
  place.replaceChildren(...items);
}

const COLUMNS = ["task", "state", "node", "shard", "start (UTC)", "end (UTC)", "took", "critical path", "error", "id"];
const ROWS_AT_ONCE = 500;

/** Fills a table with all tasks, in portions, when it is opened. */
export function fillTable(place: HTMLElement, tasks: readonly Task[]): void {
  const body = element("tbody");
  const more = element("button");
  more.type = "button";
  let shown = 0;
  const add = () => {
    for (const task of tasks.slice(shown, shown + ROWS_AT_ONCE)) body.append(rowOf(task));
    shown = Math.min(tasks.length, shown + ROWS_AT_ONCE);
    more.hidden = shown === tasks.length;
    more.textContent = `Show ${Math.min(ROWS_AT_ONCE, tasks.length - shown)} more of ${tasks.length}`;
  };
  const heads = COLUMNS.map((name) => {
    const head = element("th", name);
    head.scope = "col";
    return head;
  });
  add();
  more.addEventListener("click", add);
  const table = element("table", "", element("caption", `${tasks.length} tasks, each before its parts`));
  table.append(element("thead", "", element("tr", "", ...heads)), body);
  place.append(table, more);
}

function rowOf(task: Task): HTMLTableRowElement {
  const { name, state, node, shard, from, to, isRunning, isCritical, error, id } = task;
  const time = (ms: number) => (ms < 0 ? "" : timeText(ms));
  const head = element("th", name);
  head.scope = "row";
  const cells = [
    state,
    node,
    shard < 0 ? "" : String(shard),
    time(from),
    isRunning ? "" : time(to),
    tookText(task),
    isCritical ? "yes" : "",
    error,
    id,
  ];
  return element("tr", "", head, ...cells.map((cell) => element("td", cell)));
}
