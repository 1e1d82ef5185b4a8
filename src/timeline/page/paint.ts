import type { Task } from "./tasks.js";

export type ColorBy = "state" | "type" | "node";

/** Okabe and Ito's colours, which colour-blind people can tell apart. Each has its own pattern, too. */
const COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b3a632", "#8c8c8c"];
const PATTERNS = ["plain", "rising", "falling", "dots", "level", "upright", "grid", "checks"] as const;
type Pattern = (typeof PATTERNS)[number];

interface Kind {
  readonly label: string;
  readonly color: string;
  readonly pattern: Pattern;
}

const STATES: ReadonlyMap<string, { readonly variable: string; readonly pattern: Pattern; readonly glyph: string }> =
  new Map(
    Object.entries({
      created: { variable: "--created", pattern: "dots", glyph: "○" },
      running: { variable: "--running", pattern: "rising", glyph: "▶" },
      done: { variable: "--done", pattern: "plain", glyph: "✔" },
      failed: { variable: "--failed", pattern: "checks", glyph: "✘" },
      suspended: { variable: "--suspended", pattern: "level", glyph: "◫" },
      gone: { variable: "--created", pattern: "upright", glyph: "∅" },
      unreachable: { variable: "--suspended", pattern: "grid", glyph: "?" },
    }),
  );

export const glyphOf = (state: string): string => STATES.get(state)?.glyph ?? "•";

const kindOf = (task: Task, by: ColorBy): string => task[by];

/** The fill of each bar, for one way of colouring. */
export class Paint {
  readonly #by: ColorBy;
  readonly #kinds = new Map<string, Kind>();
  readonly #fills = new Map<string, CanvasPattern | string>();

  /** @param style has the page's colours */
  constructor(tasks: readonly Task[], by: ColorBy, style: CSSStyleDeclaration) {
    this.#by = by;
    const counts = new Map<string, number>();
    for (const task of tasks) counts.set(kindOf(task, by), (counts.get(kindOf(task, by)) ?? 0) + 1);
    const values = [...counts].sort(([, one], [, other]) => other - one).map(([value]) => value);
    for (const [index, value] of values.entries()) {
      const state = by === "state" ? STATES.get(value) : undefined;
      this.#kinds.set(value, {
        label: `${value || `no ${by}`} (${counts.get(value)})`,
        color:
          by === "state"
            ? style.getPropertyValue(state?.variable ?? "--other").trim()
            : (COLORS[index % COLORS.length] as string),
        pattern:
          by === "state"
            ? (state?.pattern ?? "upright")
            : (PATTERNS[(index + Math.floor(index / COLORS.length)) % PATTERNS.length] as Pattern),
      });
    }
  }

  get kinds(): readonly { readonly value: string; readonly label: string }[] {
    return [...this.#kinds].map(([value, { label }]) => ({ value, label }));
  }

  fillOf(task: Task, context: CanvasRenderingContext2D): CanvasPattern | string {
    return this.fill(kindOf(task, this.#by), context);
  }

  fill(value: string, context: CanvasRenderingContext2D): CanvasPattern | string {
    let fill = this.#fills.get(value);
    if (fill === undefined) {
      const { color, pattern } = this.#kinds.get(value) ?? { color: "#888", pattern: "plain" };
      fill = patternOf(pattern, color, context);
      this.#fills.set(value, fill);
    }
    return fill;
  }
}

const SIZE = 8;

function patternOf(pattern: Pattern, color: string, target: CanvasRenderingContext2D): CanvasPattern | string {
  if (pattern === "plain") return color;
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.fillStyle = color;
  context.fillRect(0, 0, SIZE, SIZE);
  context.strokeStyle = "rgba(255,255,255,.45)";
  context.fillStyle = "rgba(255,255,255,.5)";
  context.lineWidth = 1.5;
  const line = (...points: [number, number, number, number]) => {
    context.beginPath();
    context.moveTo(points[0], points[1]);
    context.lineTo(points[2], points[3]);
    context.stroke();
  };
  // A line that leaves one tile continues in the next.
  for (const at of [-SIZE, 0, SIZE]) {
    if (pattern === "rising") line(at, SIZE, at + SIZE, 0);
    if (pattern === "falling") line(at, 0, at + SIZE, SIZE);
  }
  if (pattern === "level" || pattern === "grid") line(0, SIZE / 2, SIZE, SIZE / 2);
  if (pattern === "upright" || pattern === "grid") line(SIZE / 2, 0, SIZE / 2, SIZE);
  if (pattern === "dots") context.fillRect(2, 2, 2.5, 2.5);
  if (pattern === "checks") {
    context.fillRect(0, 0, SIZE / 2, SIZE / 2);
    context.fillRect(SIZE / 2, SIZE / 2, SIZE / 2, SIZE / 2);
  }
  return target.createPattern(canvas, "repeat") ?? color;
}
