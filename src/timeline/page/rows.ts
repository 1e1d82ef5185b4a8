import type { Task } from "./tasks.js";

/** Which tasks have a row: those whose ancestors are all open. */
export class Rows {
  readonly #roots: readonly Task[];
  readonly #closed = new Set<Task>();
  #onlyCritical = false;
  #rows: readonly Task[] = [];
  #indexes = new Map<Task, number>();

  constructor(tasks: readonly Task[]) {
    this.#roots = tasks.filter(({ parent }) => parent === undefined);
    this.#update();
  }

  get all(): readonly Task[] {
    return this.#rows;
  }

  /** @returns -1 if it has no row */
  indexOf(task: Task): number {
    return this.#indexes.get(task) ?? -1;
  }

  isOpen(task: Task): boolean {
    return !this.#closed.has(task);
  }

  /** The children that have a row while the task is open. */
  shownChildren({ children }: Task): readonly Task[] {
    return this.#onlyCritical ? children.filter(({ isCritical }) => isCritical) : children;
  }

  setOpen(task: Task, isOpen: boolean): void {
    if (isOpen) this.#closed.delete(task);
    else this.#closed.add(task);
    this.#update();
  }

  setAllOpen(tasks: readonly Task[], isOpen: boolean): void {
    this.#closed.clear();
    if (!isOpen)
      for (const task of tasks) if (task.children.length > 0 && task.parent !== undefined) this.#closed.add(task);
    this.#update();
  }

  /** Opens all ancestors of a task, so that it has a row. */
  reveal(task: Task): void {
    if (this.#onlyCritical && !task.isCritical) this.#onlyCritical = false;
    for (let at = task.parent; at !== undefined; at = at.parent) this.#closed.delete(at);
    this.#update();
  }

  get onlyCritical(): boolean {
    return this.#onlyCritical;
  }

  set onlyCritical(value: boolean) {
    this.#onlyCritical = value;
    this.#update();
  }

  #update(): void {
    const rows: Task[] = [];
    const waiting = this.#onlyCritical
      ? this.#roots.filter(({ isCritical }) => isCritical).reverse()
      : [...this.#roots].reverse();
    for (let task = waiting.pop(); task !== undefined; task = waiting.pop()) {
      rows.push(task);
      if (this.#closed.has(task)) continue;
      const children = this.shownChildren(task);
      for (let index = children.length - 1; index >= 0; index--) waiting.push(children[index] as Task);
    }
    this.#rows = rows;
    this.#indexes = new Map(rows.map((task, index) => [task, index]));
  }
}
