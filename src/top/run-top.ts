import { RequestAbortedError, TaskManagerError } from "../client/errors.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { FullScreen } from "../format/terminal/full-screen.js";
import { type Style, styleFor } from "../format/terminal/style.js";
import { type ColorMode, describeTerminal } from "../format/terminal/terminal.js";
import { timelineView } from "../format/terminal/timeline-view.js";
import type { LocatedStatus, Nodes } from "../nodes/nodes.js";
import { timelineOfNodes } from "../nodes/timeline-of-nodes.js";
import { Interruption, type Runtime } from "../runtime/runtime.js";
import { openScreen, requireScreen, type Screen, type ScreenEvent } from "../runtime/screen.js";
import { errorText } from "../strings/error-text.js";
import { explain } from "../tasks/explanation.js";
import { inStableOrder } from "../tasks/stable-order.js";
import { FINISHED_STATES } from "../vocabulary.js";
import { notAbortableText } from "../waiting/not-abortable.js";
import { ClusterWatcher } from "./cluster-watcher.js";
import { type Effect, press } from "./keys.js";
import {
  endedAwaited,
  heightsOf,
  initialModel,
  type Model,
  type PanelContent,
  panelScrolled,
  reordered,
  scrolled,
  type TaskPanelKind,
  withTasks,
} from "./model.js";
import { taskTitle } from "./task-title.js";
import { type SeenTask, TaskMemory } from "./tasks-seen.js";
import { readTimeLeft } from "./time-left.js";
import { panelLinesOf, viewOf } from "./view.js";

export interface TopOptions {
  readonly intervalMs: number;
  readonly stalledForMs: number;
  readonly mayAbort: boolean;
  readonly mouse: boolean;
  /** The filter at the start. */
  readonly filter: string;
  readonly color: ColorMode;
  /** A journal with earlier runs; `undefined`: the default one. */
  readonly history: string | undefined;
}

/** A tree with more parts than this is shown incompletely, as it is read and drawn again and again. */
const MOST_PARTS = 5000;
const BELL = "\u0007";
/** The tree of a task is read again only after this many times as long as reading took. */
const REST = 5;

const TITLES: Readonly<Record<TaskPanelKind, string>> = { tree: "", explain: "why: ", timeline: "when: " };

/** How a task ended, for a message. */
const endText = (task: Pick<SeenTask, "stats" | "place" | "id">, state: string) => `${taskTitle(task)} is ${state}`;

/**
 * The full screen of `tasks top`, until the user leaves it.
 * @param open opens the screen
 * @throws UsageError if there is no terminal; the error of a node if none answered at the start
 */
export async function runTop(
  runtime: Runtime,
  nodes: Nodes,
  options: TopOptions,
  open: typeof openScreen = openScreen,
): Promise<ExitCode> {
  requireScreen(
    runtime,
    "tasks top",
    "Without one, use tasks list --all --watch, or for programs tasks list --all --watch -o ndjson.",
  );
  const top = new Top(runtime, nodes, options);
  try {
    return await top.run(open);
  } finally {
    // What a look missed was shown on the screen, and must not change the exit code.
    nodes.forgetMissing();
  }
}

/** How the run ends. */
type End = { readonly exitCode: ExitCode } | { readonly error: unknown };

class Top {
  readonly #runtime: Runtime;
  readonly #nodes: Nodes;
  readonly #mouse: boolean;
  readonly #journal: string | undefined;
  readonly #stopped = new AbortController();
  readonly #memory = new TaskMemory();
  readonly #watcher: ClusterWatcher;
  readonly #frames = new FullScreen();
  readonly #style: Style;
  #model: Model;
  #screen: Screen | undefined;
  #isSynchronized = false;
  /** To be written besides the rows: a bell, or a text for the clipboard. */
  #extra = "";
  #end: End | undefined;
  #isStale = true;
  #wake = () => {};
  #endRest = () => {};
  #isPanelOpen = false;
  #panelRestUntilMs = 0;
  /** What the lines of the panel were made from. */
  #linesOf: readonly unknown[] = [];

  constructor(runtime: Runtime, nodes: Nodes, options: TopOptions) {
    const { stdout, env, clock } = runtime;
    this.#runtime = runtime;
    this.#nodes = nodes;
    this.#mouse = options.mouse;
    this.#journal = options.history;
    this.#style = styleFor(describeTerminal(stdout, env, options.color));
    const { rows, columns } = stdout;
    this.#model = initialModel({ ...options, rows, columns, moment: this.#moment(), isMany: nodes.isMany });
    this.#watcher = new ClusterWatcher({
      nodes,
      clock,
      intervalMs: options.intervalMs,
      signal: this.#stopped.signal,
      inView: () => this.#inView(),
      seen: () => this.#memory.tasks,
      onNews: () => this.#takeNews(),
      onFault: (error) => this.#finish({ error }),
    });
  }

  async run(open: typeof openScreen): Promise<ExitCode> {
    const { interrupt } = this.#runtime;
    const onInterrupt = () => {
      this.#stopped.abort();
      this.#finish({ error: interrupt.reason });
    };
    interrupt.addEventListener("abort", onInterrupt, { once: true });
    try {
      await this.#watcher.begin();
      this.#screen = await open(this.#runtime, { mouse: this.#mouse }, (event) => this.#take(event));
      const extras = [this.#readClusterName(), this.#readTimeLeft()];
      const looking = this.#keepLooking();
      try {
        return await this.#keepDrawing(this.#screen);
      } finally {
        this.#stopped.abort();
        await Promise.all([...extras, looking]);
      }
    } finally {
      interrupt.removeEventListener("abort", onInterrupt);
      this.#stopped.abort();
      await this.#screen?.close();
    }
  }

  #moment() {
    const { clock } = this.#runtime;
    return { nowMs: clock.now(), monotonicMs: clock.monotonic() };
  }

  #finish(end: End): void {
    this.#end ??= end;
    this.#change(this.#model);
  }

  /** Shows another model, after other changes at the same time have been made. */
  #change(model: Model): void {
    this.#model = model;
    this.#isStale = true;
    this.#wake();
  }

  async #keepDrawing(screen: Screen): Promise<ExitCode> {
    for (;;) {
      if (this.#end !== undefined) {
        if ("error" in this.#end) throw this.#end.error;
        return this.#end.exitCode;
      }
      if (!this.#isStale) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      this.#isStale = false;
      this.#layPanelOut();
      const { rows, columns } = this.#model;
      const rowsNow = viewOf(this.#model, this.#style);
      const text = this.#frames.draw(rowsNow, { rows, columns }, this.#isSynchronized) + this.#extra;
      this.#extra = "";
      if (text !== "") await screen.write(text);
    }
  }

  async #keepLooking(): Promise<void> {
    const { clock } = this.#runtime;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const rested = new AbortController();
      this.#endRest = () => rested.abort();
      await clock.sleep(this.#model.intervalMs, AbortSignal.any([signal, rested.signal])).catch(() => {});
      if (signal.aborted || this.#model.isPaused) continue;
      this.#watcher.tick();
      this.#lookAtPanel();
    }
  }

  async #readClusterName(): Promise<void> {
    const { contact, call } = this.#nodes;
    try {
      const signal = call.signal == null ? this.#stopped.signal : AbortSignal.any([call.signal, this.#stopped.signal]);
      const cluster = await contact.clusterName({ ...call, signal });
      this.#change({ ...this.#model, cluster });
    } catch (error) {
      // The name is optional.
      if (!(error instanceof TaskManagerError)) this.#finish({ error });
    }
  }

  /** A failure is ignored, unless the user named the journal: estimates are optional. */
  async #readTimeLeft(): Promise<void> {
    const { signal } = this.#stopped;
    try {
      const timeLeft = await readTimeLeft(this.#runtime, this.#journal, signal);
      if (timeLeft !== undefined) this.#change(reordered({ ...this.#model, timeLeft }));
    } catch (error) {
      if (!signal.aborted && this.#journal !== undefined) this.#say(errorText(error), true);
    }
  }

  #take(event: ScreenEvent): void {
    const screen = this.#screen;
    switch (event.kind) {
      case "gone":
        this.#finish({ error: event.reason });
        return;
      case "synchronized":
        this.#isSynchronized = event.isKnown;
        return;
      case "resumed":
        this.#frames.forget();
        this.#change(this.#model);
        return;
      case "resize": {
        if (screen === undefined) return;
        const { rows, columns } = screen;
        this.#change(scrolled({ ...this.#model, rows, columns }));
        return;
      }
      default: {
        const { model, effect } = press(this.#model, event);
        this.#change(model);
        if (effect !== undefined) this.#do(effect);
      }
    }
  }

  #do(effect: Effect): void {
    switch (effect.kind) {
      case "quit":
        this.#finish({ exitCode: EXIT.success });
        return;
      case "interrupt":
        this.#finish({ error: new Interruption("SIGINT", EXIT.interrupted) });
        return;
      case "suspend":
        this.#screen?.suspend();
        return;
      case "redraw":
        this.#frames.forget();
        return;
      case "look-now":
        this.#endRest();
        return;
      case "copy":
        // OSC 52 makes the terminal put it on the clipboard, even over ssh.
        this.#extra += `\u001b]52;c;${Buffer.from(effect.id).toString("base64")}${BELL}`;
        this.#say(`copied the id to the clipboard: ${effect.id}`);
        return;
      case "open":
        this.#open(effect.panel, effect.id);
        return;
      case "abort":
        void this.#abort(effect.id);
    }
  }

  #say(text: string, isBad = false): void {
    this.#change({ ...this.#model, message: { text, isBad } });
  }

  /** Running tasks on the screen. */
  #inView(): ReadonlySet<string> {
    const { entries, scroll } = this.#model;
    const shown = entries.slice(scroll, scroll + heightsOf(this.#model).list);
    return new Set(shown.flatMap((entry) => (entry.kind === "task" ? [entry.task.id] : [])));
  }

  #takeNews(): void {
    const before = this.#model;
    if (before.isPaused) return;
    const moment = this.#moment();
    const tasks = this.#memory.see(this.#watcher.looks(), moment);
    const { nodes, leftOut } = this.#watcher;
    const left = [...new Set([...leftOut, ...this.#nodes.leftOut])];
    const model = withTasks({ ...before, nodes, leftOut: left }, tasks, moment);
    this.#change(this.#ring(before, model));
  }

  /** Rings the bell for awaited tasks that have ended. If the node of a task is lost, it is not known whether it has. */
  #ring(before: Model, model: Model): Model {
    const lost = new Set(model.nodes.filter((node) => node.lost !== undefined).map(({ address }) => address));
    const awaited = new Set(model.awaited);
    let { message } = model;
    for (const { id, task } of endedAwaited(model)) {
      const last = task ?? before.tasks.get(id);
      if (task === undefined && last !== undefined && (last.node === null ? lost.size > 0 : lost.has(last.node)))
        continue;
      awaited.delete(id);
      this.#extra += BELL;
      if (task !== undefined) message = { text: endText(task, task.state), isBad: task.state !== "done" };
      else void this.#sayHowItEnded(last, id);
    }
    return awaited.size === model.awaited.size ? model : { ...model, awaited, message };
  }

  /** Some tasks are no longer listed once they have ended, but can still be read for a while. */
  async #sayHowItEnded(last: SeenTask | undefined, id: string): Promise<void> {
    const named = last ?? { id, stats: {}, place: "" };
    try {
      const { state = "" } = await this.#nodes.look(id);
      if (FINISHED_STATES.has(state)) return this.#say(endText(named, state), state !== "done");
    } catch (error) {
      if (!(error instanceof TaskManagerError)) return this.#finish({ error });
    }
    this.#say(`${taskTitle(named)} is gone: its outcome is unknown`, true);
  }

  #open(kind: TaskPanelKind, id: string): void {
    const task = this.#model.tasks.get(id);
    const title = `${TITLES[kind]}${task === undefined ? id : `${taskTitle(task)}  ${id}`}`;
    this.#panelRestUntilMs = 0;
    this.#change({ ...this.#model, panel: { kind, id, title, scroll: 0, found: undefined } });
    this.#lookAtPanel();
  }

  /** Reads again what the panel shows, unless it can no longer change. */
  #lookAtPanel(): void {
    const { panel } = this.#model;
    const { clock } = this.#runtime;
    if (panel === undefined || panel.kind === "help" || this.#isPanelOpen) return;
    if (clock.monotonic() < this.#panelRestUntilMs || isFinal(panel.found)) return;
    const { id, kind } = panel;
    const startedMs = clock.monotonic();
    this.#isPanelOpen = true;
    void this.#contentOf(kind, id)
      .then((found) => {
        const now = this.#model.panel;
        if (now === undefined || now.kind === "help" || now.id !== id || now.kind !== kind) return;
        const moment = this.#moment();
        this.#change({ ...this.#model, moment, panel: { ...now, found } });
      })
      .catch((error: unknown) => this.#finish({ error }))
      .finally(() => {
        this.#isPanelOpen = false;
        this.#panelRestUntilMs = startedMs + (clock.monotonic() - startedMs) * REST;
        // Another panel was opened in the meantime.
        const now = this.#model.panel;
        if (now !== undefined && now.kind !== "help" && now.found === undefined && !this.#stopped.signal.aborted) {
          this.#panelRestUntilMs = 0;
          this.#lookAtPanel();
        }
      });
  }

  async #contentOf(kind: TaskPanelKind, id: string): Promise<PanelContent> {
    try {
      const statuses = await this.#nodes.lookAtTree(id, { isRepeated: true });
      if (kind === "explain") return { kind: "explanation", explanation: explain(statuses) };
      if (kind === "timeline") return await this.#timelineOf(statuses);
      const shown = inStableOrder(statuses.slice(0, MOST_PARTS));
      return { kind: "tree", statuses: shown, more: statuses.length - shown.length };
    } catch (error) {
      if (!(error instanceof TaskManagerError)) throw error;
      if (error instanceof RequestAbortedError) return { kind: "error", text: "" };
      return { kind: "error", text: errorText(error) };
    }
  }

  async #timelineOf(statuses: readonly LocatedStatus[]): Promise<PanelContent> {
    const timeline = timelineOfNodes(statuses, this.#nodes, { nowMs: this.#runtime.clock.now() });
    return { kind: "timeline", timeline, view: timelineView };
  }

  #layPanelOut(): void {
    const { panel, columns } = this.#model;
    const madeOf = panel === undefined ? [] : [panel.kind, panel.kind === "help" ? "" : panel.found, columns];
    if (madeOf.length === this.#linesOf.length && madeOf.every((part, index) => part === this.#linesOf[index])) return;
    this.#linesOf = madeOf;
    this.#model = { ...this.#model, panelLines: panelLinesOf(this.#model, this.#style) };
    this.#model = panelScrolled(this.#model, this.#model.panel?.scroll ?? 0);
  }

  async #abort(id: string): Promise<void> {
    const task = this.#model.tasks.get(id);
    const name = task === undefined ? id : taskTitle(task);
    try {
      const listed = task?.node == null ? [id] : [{ task_id: id, node: task.node }];
      const [target] = await this.#nodes.locate(listed);
      await target?.client.abortTask(id, this.#nodes.call);
      this.#say(`asked ${name} to stop`);
      this.#endRest();
    } catch (error) {
      if (!(error instanceof TaskManagerError)) return this.#finish({ error });
      if (!(error instanceof RequestAbortedError)) this.#say(notAbortableText(id, error) ?? errorText(error), true);
    }
  }
}

/** Whether a tree can no longer change, because its root has ended. */
function isFinal(found: PanelContent | undefined): boolean {
  if (found === undefined || found.kind === "error") return false;
  return FINISHED_STATES.has(rootOf(found)?.state ?? "");
}

function rootOf(found: Exclude<PanelContent, { kind: "error" }>): { readonly state?: string | undefined } | undefined {
  switch (found.kind) {
    case "tree":
      return found.statuses[0];
    case "timeline":
      return found.timeline.root?.task;
    case "explanation":
      return found.explanation.root;
  }
}
