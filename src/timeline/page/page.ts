import type { PageData } from "../page-data.js";
import { Chart, ROW } from "./chart.js";
import { type ColorBy, Paint } from "./paint.js";
import { fillTable, showDetails, showLegend, showTip } from "./panels.js";
import { Rows } from "./rows.js";
import { readTasks, type Task, timeText } from "./tasks.js";
import { Tree } from "./tree.js";

function byId<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found as T;
}

const data = JSON.parse(byId("data").textContent ?? "") as PageData;
const tasks = readTasks(data);
const rows = new Rows(tasks);

const scroller = byId("scroller");
const sizer = byId("sizer");
const stage = byId("stage");
const treeElement = byId("tree");
const bars = byId<HTMLCanvasElement>("bars");
const tip = byId("tip");
const search = byId<HTMLInputElement>("search");
const colorBy = byId<HTMLSelectElement>("color");
const onlyCritical = byId<HTMLInputElement>("critical");

const tree = new Tree(treeElement, rows);
let paint = new Paint(tasks, "state", getComputedStyle(document.documentElement));
let chosen: Task | undefined;
let hovered: Task | undefined;
let matches: Set<Task> | undefined;
let frame = 0;

const chart = new Chart(bars, byId<HTMLCanvasElement>("axis"), data, draw, (pixels) => {
  scroller.scrollTop -= pixels;
});

/** Draws once before the next frame, however often it is called. */
function draw(): void {
  if (frame === 0) frame = requestAnimationFrame(drawNow);
}

function drawNow(): void {
  frame = 0;
  sizer.style.height = `${rows.all.length * ROW}px`;
  const { scrollTop, clientHeight: height } = scroller;
  tree.draw({ scrollTop, height, chosen, hovered, matches });
  chart.draw({ rows: rows.all, scrollTop, chosen, hovered, matches, paint });
  const { from, to } = chart.shown;
  byId("window").textContent =
    data.to === 0
      ? ""
      : `${timeText(from)} – ${timeText(to).slice(timeText(from).slice(0, 10) === timeText(to).slice(0, 10) ? 11 : 0)}`;
}

function resize(): void {
  stage.style.height = `${scroller.clientHeight}px`;
  // The axis must be as wide as the bars, which end at the scroll bar.
  byId("heads").style.paddingRight = `${scroller.offsetWidth - scroller.clientWidth}px`;
  chart.resize();
  drawNow();
}

function choose(task: Task | undefined): void {
  chosen = task;
  showDetails(byId("details"), task);
  if (task !== undefined) {
    if (rows.indexOf(task) < 0) rows.reveal(task);
    onlyCritical.checked = rows.onlyCritical;
    const top = rows.indexOf(task) * ROW;
    sizer.style.height = `${rows.all.length * ROW}px`;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + ROW > scroller.scrollTop + scroller.clientHeight)
      scroller.scrollTop = top + ROW - scroller.clientHeight;
    chart.show(task);
  }
  draw();
}

// Mouse and touch.

const taskAtHeight = (y: number): Task | undefined =>
  rows.all[Math.floor((y - scroller.getBoundingClientRect().top + scroller.scrollTop) / ROW)];

function hover(task: Task | undefined, x: number, y: number): void {
  if (task !== hovered) {
    hovered = task;
    draw();
  }
  showTip(tip, task, x, y);
}

bars.addEventListener("pointermove", (event) => {
  if (event.buttons !== 0) return hover(undefined, 0, 0);
  const task = taskAtHeight(event.clientY);
  hover(task !== undefined && chart.isAt(task, event.offsetX) ? task : undefined, event.clientX, event.clientY);
});
bars.addEventListener("pointerleave", () => hover(undefined, 0, 0));
bars.addEventListener("click", (event) => {
  choose(taskAtHeight(event.clientY));
  treeElement.focus({ preventScroll: true });
});
bars.addEventListener("dblclick", (event) => {
  const task = taskAtHeight(event.clientY);
  if (task !== undefined) chart.zoomTo(task);
});

treeElement.addEventListener("click", (event) => {
  const task = taskAtHeight(event.clientY);
  if (task === undefined) return;
  if ((event.target as HTMLElement).className === "twisty") toggle(task, !rows.isOpen(task));
  choose(task);
});
treeElement.addEventListener("dblclick", (event) => {
  const task = taskAtHeight(event.clientY);
  if (task !== undefined && (event.target as HTMLElement).className !== "twisty") chart.zoomTo(task);
});
scroller.addEventListener("scroll", draw, { passive: true });

function toggle(task: Task, isOpen: boolean): void {
  rows.setOpen(task, isOpen);
  draw();
}

// Keys, while the tree has the focus.

treeElement.addEventListener("focus", () => {
  if (chosen === undefined && rows.all[0] !== undefined) choose(rows.all[0]);
});

const move = (by: number) => {
  const index = chosen === undefined ? -1 : rows.indexOf(chosen);
  choose(rows.all[Math.min(Math.max(index + by, 0), rows.all.length - 1)]);
};

const page = () => Math.max(1, Math.floor(scroller.clientHeight / ROW) - 1);

const KEYS = new Map<string, (event: KeyboardEvent) => void>(
  Object.entries({
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    PageDown: () => move(page()),
    PageUp: () => move(-page()),
    Home: () => choose(rows.all[0]),
    End: () => choose(rows.all.at(-1)),
    ArrowRight: ({ shiftKey }: KeyboardEvent) => {
      if (shiftKey) chart.panBy(0.2);
      else if (chosen !== undefined && rows.shownChildren(chosen).length > 0) {
        if (rows.isOpen(chosen)) choose(rows.shownChildren(chosen)[0]);
        else toggle(chosen, true);
      }
    },
    ArrowLeft: ({ shiftKey }: KeyboardEvent) => {
      if (shiftKey) chart.panBy(-0.2);
      else if (chosen !== undefined) {
        if (rows.shownChildren(chosen).length > 0 && rows.isOpen(chosen)) toggle(chosen, false);
        else if (chosen.parent !== undefined) choose(chosen.parent);
      }
    },
    Enter: () => chosen !== undefined && chart.zoomTo(chosen),
    "+": () => chart.zoomBy(1.5),
    "=": () => chart.zoomBy(1.5),
    "-": () => chart.zoomBy(1 / 1.5),
    "0": () => chart.fit(),
    "/": () => search.focus(),
    n: () => goToMatch(1),
    N: () => goToMatch(-1),
    c: () => nextCritical(),
    Escape: () => {
      search.value = "";
      find();
    },
  }),
);

treeElement.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS.get(event.key);
  if (act === undefined) return;
  event.preventDefault();
  act(event);
});

/** Goes to the next task on the critical path, in the order of time. */
function nextCritical(): void {
  const path = [...new Set(data.critical.map(([index]) => tasks[index]))];
  choose(path[(path.indexOf(chosen) + 1) % path.length]);
}

// Search.

const haystacks: string[] = [];

const haystackOf = ({ index, name, node, id, error, state, type }: Task): string => {
  haystacks[index] ??= [type, name, node, state, id, error].join("\n").toLowerCase();
  return haystacks[index] as string;
};

function find(): void {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  matches =
    words.length === 0
      ? undefined
      : new Set(tasks.filter((task) => words.every((word) => haystackOf(task).includes(word))));
  byId("matches").textContent = matches === undefined ? "" : `${matches.size} of ${tasks.length}`;
  draw();
}

/** Goes to the next match after the selected task, or the previous one before it; wraps around. */
function goToMatch(by: 1 | -1): void {
  if (matches === undefined || matches.size === 0) return;
  const found = [...matches];
  const at = chosen?.index ?? -1;
  const next =
    by === 1
      ? (found.find(({ index }) => index > at) ?? found[0])
      : (found.findLast(({ index }) => index < at) ?? found.at(-1));
  choose(next);
}

search.addEventListener("input", find);
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") goToMatch(event.shiftKey ? -1 : 1);
  if (event.key === "Escape") treeElement.focus();
});
byId("next").addEventListener("click", () => goToMatch(1));
byId("previous").addEventListener("click", () => goToMatch(-1));

// Other controls.

function repaint(): void {
  paint = new Paint(tasks, colorBy.value as ColorBy, getComputedStyle(document.documentElement));
  showLegend(byId("legend"), paint);
  resize();
}

colorBy.addEventListener("change", repaint);
onlyCritical.addEventListener("change", () => {
  rows.onlyCritical = onlyCritical.checked;
  draw();
});
byId("in").addEventListener("click", () => chart.zoomBy(1.5));
byId("out").addEventListener("click", () => chart.zoomBy(1 / 1.5));
byId("fit").addEventListener("click", () => chart.fit());
for (const [id, isOpen] of [
  ["expand", true],
  ["collapse", false],
] as const) {
  byId(id).addEventListener("click", () => {
    rows.setAllOpen(tasks, isOpen);
    if (chosen !== undefined && rows.indexOf(chosen) < 0) choose(undefined);
    draw();
  });
}

const help = byId("help");
help.addEventListener("click", () => {
  const keys = byId("keys");
  keys.hidden = !keys.hidden;
  help.setAttribute("aria-expanded", String(!keys.hidden));
  resize();
});

const THEMES = ["auto", "light", "dark"] as const;
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
let theme: (typeof THEMES)[number] = "auto";

function applyTheme(): void {
  const isDark = theme === "dark" || (theme === "auto" && prefersDark.matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  byId("theme").textContent = `Theme: ${theme}`;
  repaint();
}

byId("theme").addEventListener("click", () => {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
  applyTheme();
});
prefersDark.addEventListener("change", applyTheme);

const all = byId<HTMLDetailsElement>("all");
all.addEventListener("toggle", () => {
  if (all.open && all.querySelector("table") === null) fillTable(all, tasks);
});

new ResizeObserver(resize).observe(scroller);
showDetails(byId("details"), undefined);
applyTheme();
