import { select } from "d3-selection";
import { type ZoomTransform, zoom, zoomIdentity, zoomTransform } from "d3-zoom";
import { timeTicks } from "../../format/text/time-axis.js";
import type { Paint } from "./paint.js";
import { isTimed, shortName, type Task } from "./tasks.js";

export const ROW = 24;
const BAR = 14;
/** The shortest time that the chart can show. */
const SHORTEST_MS = 1000;
const TICK_WIDTH = 90;
const LABEL_WIDTH = 48;
/** How near to a bar the pointer must be, in pixels. */
const NEAR = 4;

/** What to draw besides the bars. */
export interface Marks {
  readonly rows: readonly Task[];
  readonly scrollTop: number;
  readonly chosen: Task | undefined;
  readonly hovered: Task | undefined;
  readonly matches: ReadonlySet<Task> | undefined;
  readonly paint: Paint;
}

/** The bars beside the tree, and the axis above them, with zoom and pan. */
export class Chart {
  readonly #bars: HTMLCanvasElement;
  readonly #axis: HTMLCanvasElement;
  readonly #range: { readonly from: number; readonly to: number };
  readonly #zoom = zoom<HTMLCanvasElement, unknown>();
  #width = 1;
  #height = 1;
  #style = getComputedStyle(document.documentElement);

  /**
   * @param onZoom called when the visible time has changed
   * @param onDrag called with how far the rows were dragged, up or down
   */
  constructor(
    bars: HTMLCanvasElement,
    axis: HTMLCanvasElement,
    range: { readonly from: number; readonly to: number },
    onZoom: () => void,
    onDrag: (pixels: number) => void,
  ) {
    this.#bars = bars;
    this.#axis = axis;
    // A tree that took no time still needs a width.
    this.#range = { from: range.from, to: Math.max(range.to, range.from + SHORTEST_MS) };
    let last: ZoomTransform = zoomIdentity;
    this.#zoom
      // A wheel without a key scrolls the rows, as on any page.
      .filter((event: MouseEvent) =>
        event.type === "wheel"
          ? event.ctrlKey || event.metaKey || event.altKey
          : event.button === 0 || event.type.startsWith("touch"),
      )
      .on("start", () => {
        bars.classList.add("dragging");
      })
      .on("zoom", ({ transform, sourceEvent }: { transform: ZoomTransform; sourceEvent: unknown }) => {
        if (sourceEvent !== null && transform.k === last.k) onDrag(transform.y - last.y);
        last = transform;
        onZoom();
      })
      .on("end", () => {
        bars.classList.remove("dragging");
      });
    const selection = select(bars).call(this.#zoom);
    selection.on("dblclick.zoom", null);
    bars.addEventListener("wheel", (event) => this.#panByWheel(event), { passive: false });
  }

  /** Call it when the size of the canvas or the colours of the page have changed. */
  resize(): void {
    this.#style = getComputedStyle(document.documentElement);
    const scale = devicePixelRatio || 1;
    for (const canvas of [this.#bars, this.#axis]) {
      const { width, height } = canvas.getBoundingClientRect();
      canvas.width = Math.max(1, Math.round(width * scale));
      canvas.height = Math.max(1, Math.round(height * scale));
      canvas.getContext("2d")?.setTransform(scale, 0, 0, scale, 0, 0);
    }
    const { width, height } = this.#bars.getBoundingClientRect();
    this.#width = Math.max(1, width);
    this.#height = height;
    const most = Math.max(1, (this.#range.to - this.#range.from) / SHORTEST_MS);
    this.#zoom
      .extent([
        [0, 0],
        [this.#width, Math.max(1, height)],
      ])
      .scaleExtent([1, most])
      .translateExtent([
        [0, Number.NEGATIVE_INFINITY],
        [this.#width, Number.POSITIVE_INFINITY],
      ]);
    // When the width changes, the visible time must stay within the range.
    select(this.#bars).call(this.#zoom.translateBy, 0, 0);
  }

  /** The visible time. */
  get shown(): { readonly from: number; readonly to: number } {
    return { from: this.#timeAt(0), to: this.#timeAt(this.#width) };
  }

  zoomBy(factor: number, at?: number): void {
    select(this.#bars).call(this.#zoom.scaleBy, factor, at === undefined ? undefined : [at, 0]);
  }

  /** @param share of the visible width */
  panBy(share: number): void {
    select(this.#bars).call(this.#zoom.translateBy, (-share * this.#width) / this.#transform.k, 0);
  }

  fit(): void {
    select(this.#bars).call(this.#zoom.transform, zoomIdentity);
  }

  /** Zooms to a task, with a margin around it. */
  zoomTo({ from, to }: Task): void {
    if (from < 0) return;
    const around = Math.max((to - from) * 0.05, SHORTEST_MS / 2);
    const [start, end] = [from - around, to + around];
    const scale = (this.#range.to - this.#range.from) / (end - start);
    const place = ((start - this.#range.from) / (this.#range.to - this.#range.from)) * this.#width;
    select(this.#bars).call(this.#zoom.transform, zoomIdentity.scale(Math.max(1, scale)).translate(-place, 0));
    select(this.#bars).call(this.#zoom.translateBy, 0, 0);
  }

  /** Pans until a part of the task is visible. */
  show(task: Task): void {
    if (!isTimed(task)) return;
    const { from, to } = this.shown;
    if (task.to >= from && task.from <= to) return;
    this.panBy((task.from - from) / (to - from) - 0.1);
  }

  /** Whether the pointer is at the bar of a task. @param x the pointer's position within the canvas */
  isAt(task: Task, x: number): boolean {
    return isTimed(task) && x >= this.#x(task.from) - NEAR && x <= this.#x(task.to) + NEAR;
  }

  draw(marks: Marks): void {
    this.#drawAxis();
    const context = this.#bars.getContext("2d");
    if (context === null) return;
    context.clearRect(0, 0, this.#width, this.#height);
    this.#drawGrid(context);
    const { rows, scrollTop } = marks;
    const first = Math.max(0, Math.floor(scrollTop / ROW));
    const last = Math.min(rows.length - 1, Math.floor((scrollTop + this.#height) / ROW));
    for (let index = first; index <= last; index++)
      this.#drawRow(context, rows[index] as Task, index * ROW - scrollTop, marks);
  }

  #drawRow(context: CanvasRenderingContext2D, task: Task, top: number, marks: Marks): void {
    const { chosen, hovered, matches, paint } = marks;
    if (task === chosen || task === hovered) {
      context.fillStyle = this.#color(task === chosen ? "--chosen" : "--panel");
      context.fillRect(0, top, this.#width, ROW);
    }
    if (!isTimed(task)) return;
    const [left, right] = [this.#x(task.from), this.#x(task.to)];
    if (right < 0 || left > this.#width) return;
    // A bar may be a million pixels wide, so only its visible part is drawn.
    const from = Math.max(left, -20);
    const width = Math.max(2, Math.min(right, this.#width + 20) - from);
    const y = top + (ROW - BAR) / 2;
    context.globalAlpha = matches !== undefined && !matches.has(task) ? 0.25 : 1;
    context.fillStyle = paint.fillOf(task, context);
    const isParent = task.children.length > 0;
    // The bar of a task that waits for its parts is thin, so that the real work stands out.
    if (isParent) context.fillRect(from, y + 4, width, BAR - 8);
    else context.fillRect(from, y, width, BAR);
    if (isParent) for (const at of [from, from + width - 2]) context.fillRect(at, y, 2, BAR);
    context.fillStyle = this.#color("--critical");
    for (const [start, end] of task.critical) {
      const x = Math.max(this.#x(start), -20);
      context.fillRect(x, y + BAR + 1, Math.max(2, Math.min(this.#x(end), this.#width + 20) - x), 3);
    }
    if (!task.isEndKnown || !task.isStartKnown) this.#dash(context, from, y, width);
    if (task.isRunning && right <= this.#width + 20) this.#arrow(context, right, y);
    if (!isParent) this.#label(context, task, from, width, y);
    context.globalAlpha = 1;
  }

  #dash(context: CanvasRenderingContext2D, x: number, y: number, width: number): void {
    context.strokeStyle = this.#color("--critical");
    context.lineWidth = 1;
    context.setLineDash([3, 3]);
    context.strokeRect(x + 0.5, y + 0.5, width - 1, BAR - 1);
    context.setLineDash([]);
  }

  #arrow(context: CanvasRenderingContext2D, x: number, y: number): void {
    context.fillStyle = this.#color("--critical");
    context.beginPath();
    context.moveTo(x - 7, y);
    context.lineTo(x, y + BAR / 2);
    context.lineTo(x - 7, y + BAR);
    context.fill();
  }

  #label(context: CanvasRenderingContext2D, task: Task, left: number, width: number, y: number): void {
    const x = Math.max(left, 0);
    const room = Math.min(left + width, this.#width) - x - 8;
    if (room < LABEL_WIDTH) return;
    context.font = "11px system-ui, sans-serif";
    const text = cut(context, shortName(task), room);
    if (text === "") return;
    // The label gets a background, as letters on a pattern are hard to read.
    const high = BAR - 2;
    context.fillStyle = this.#color("--back");
    context.fillRect(x + 2, y + 1, context.measureText(text).width + 6, high);
    context.fillStyle = this.#color("--text");
    context.textBaseline = "middle";
    context.fillText(text, x + 5, y + BAR / 2 + 0.5);
  }

  #drawAxis(): void {
    const context = this.#axis.getContext("2d");
    if (context === null) return;
    context.clearRect(0, 0, this.#width, 40);
    context.font = "12px system-ui, sans-serif";
    context.fillStyle = this.#color("--text");
    context.textBaseline = "middle";
    let end = Number.NEGATIVE_INFINITY;
    for (const { ms, text } of this.#ticks()) {
      const width = context.measureText(text).width;
      const x = Math.min(Math.max(this.#x(ms) - width / 2, 2), this.#width - width - 2);
      if (x < end + 8) continue;
      context.fillText(text, x, 15);
      end = x + width;
    }
  }

  #drawGrid(context: CanvasRenderingContext2D): void {
    context.fillStyle = this.#color("--line");
    for (const { ms } of this.#ticks()) context.fillRect(Math.round(this.#x(ms)), 0, 1, this.#height);
  }

  #ticks() {
    return timeTicks(this.shown, Math.max(2, Math.floor(this.#width / TICK_WIDTH)));
  }

  /** A horizontal wheel, or one with Shift, pans. */
  #panByWheel(event: WheelEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (!event.shiftKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    this.panBy(sideways / this.#width);
  }

  get #transform(): ZoomTransform {
    return zoomTransform(this.#bars);
  }

  #x(ms: number): number {
    const { from, to } = this.#range;
    return this.#transform.applyX(((ms - from) / (to - from)) * this.#width);
  }

  #timeAt(x: number): number {
    const { from, to } = this.#range;
    return from + (this.#transform.invertX(x) / this.#width) * (to - from);
  }

  #color(variable: string): string {
    return this.#style.getPropertyValue(variable).trim();
  }
}

function cut(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let [least, most] = [0, Math.min(text.length, 200)];
  while (least < most) {
    const middle = (least + most + 1) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= room) least = middle;
    else most = middle - 1;
  }
  return least < 3 ? "" : `${text.slice(0, least)}…`;
}
