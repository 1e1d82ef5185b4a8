import { ROW } from "./chart.js";
import { glyphOf } from "./paint.js";
import type { Rows } from "./rows.js";
import { shortName, type Task, tookText } from "./tasks.js";

/** Levels that are indented; deeper ones are indented as the last. */
const DEEPEST = 14;

export interface TreeMarks {
  readonly scrollTop: number;
  readonly height: number;
  readonly chosen: Task | undefined;
  readonly hovered: Task | undefined;
  readonly matches: ReadonlySet<Task> | undefined;
}

/** The visible rows as elements. Rows out of view have no elements, so a tree of any size is fast. */
export class Tree {
  readonly #element: HTMLElement;
  readonly #rows: Rows;
  readonly #elements: HTMLElement[] = [];

  constructor(element: HTMLElement, rows: Rows) {
    this.#element = element;
    this.#rows = rows;
  }

  draw({ scrollTop, height, chosen, hovered, matches }: TreeMarks): void {
    const tasks = this.#rows.all;
    const first = Math.max(0, Math.floor(scrollTop / ROW));
    const last = Math.min(tasks.length - 1, Math.floor((scrollTop + height) / ROW));
    this.#element.setAttribute("aria-rowcount", String(tasks.length));
    for (let index = first; index <= last; index++) {
      const task = tasks[index] as Task;
      const row = this.#elementAt(index - first);
      row.hidden = false;
      row.style.transform = `translateY(${index * ROW - scrollTop}px)`;
      row.classList.toggle("chosen", task === chosen);
      row.classList.toggle("hovered", task === hovered);
      row.classList.toggle("match", matches?.has(task) === true);
      row.setAttribute("aria-selected", String(task === chosen));
      row.setAttribute("aria-rowindex", String(index + 1));
      this.#fill(row, task);
    }
    for (const row of this.#elements.slice(Math.max(0, last - first + 1))) {
      row.hidden = true;
      // An id must be unique in the document.
      row.removeAttribute("id");
      row.dataset.shown = "";
      row.classList.remove("chosen", "hovered", "match");
    }
    const isSeen = chosen !== undefined && this.#rows.indexOf(chosen) >= first && this.#rows.indexOf(chosen) <= last;
    if (isSeen) this.#element.setAttribute("aria-activedescendant", `task-${chosen.index}`);
    else this.#element.removeAttribute("aria-activedescendant");
  }

  #fill(row: HTMLElement, task: Task): void {
    const children = this.#rows.shownChildren(task).length;
    const isOpen = this.#rows.isOpen(task);
    const shown = `${task.index} ${children} ${isOpen}`;
    if (row.dataset.shown === shown) return;
    row.dataset.shown = shown;
    row.dataset.task = String(task.index);
    row.id = `task-${task.index}`;
    row.classList.toggle("on-path", task.isCritical);
    row.setAttribute("aria-level", String(task.depth + 1));
    if (children > 0) row.setAttribute("aria-expanded", String(isOpen));
    else row.removeAttribute("aria-expanded");
    row.style.paddingLeft = `calc(${Math.min(task.depth, DEEPEST)} * var(--indent))`;
    const [twisty, state, name, took] = row.children as unknown as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
    twisty.textContent = children === 0 ? "" : isOpen ? "▾" : "▸";
    state.textContent = glyphOf(task.state);
    name.textContent = shortName(task);
    name.title = task.name;
    name.setAttribute(
      "aria-label",
      `${task.name}, ${task.state}${task.node === "" ? "" : `, on ${task.node}`}${task.isCritical ? ", on the critical path" : ""}`,
    );
    took.textContent = tookText(task);
  }

  #elementAt(index: number): HTMLElement {
    let row = this.#elements[index];
    if (row === undefined) {
      row = document.createElement("div");
      row.className = "row";
      row.setAttribute("role", "row");
      for (const name of ["twisty", "state", "name", "took"]) {
        const cell = document.createElement("span");
        cell.className = name;
        if (name === "twisty" || name === "state") cell.setAttribute("aria-hidden", "true");
        else cell.setAttribute("role", "gridcell");
        row.append(cell);
      }
      this.#element.append(row);
      this.#elements.push(row);
    }
    return row;
  }
}
