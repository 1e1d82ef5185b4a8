import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openScreen, requireScreen, type Screen, type ScreenEvent } from "../../src/runtime/screen.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import { until } from "../fixtures/wait-servers.js";

const ESC = "\u001b";
const SIGNALS = ["SIGTSTP", "SIGCONT"] as const;
const folder = mkdtempSync(join(tmpdir(), "tasks-screen-"));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
let close = async () => {};
const kill = vi.spyOn(process, "kill").mockReturnValue(true);
const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
/** The process gets a signal. */
const signalled = (signal: (typeof SIGNALS)[number]) => {
  for (const listener of process.listeners(signal)) if (!before.get(signal)?.includes(listener)) listener(signal);
};
beforeEach(() => kill.mockClear());
afterEach(() => close());
afterAll(() => kill.mockRestore());

/** A screen on a terminal whose driver is a file: what turns it on and off is written past the stream. */
async function opened(options: { readonly mouse: boolean } = { mouse: false }) {
  const path = join(folder, String(count++));
  const fd = openSync(path, "w+");
  const input = new PassThrough();
  const raw: boolean[] = [];
  Object.assign(input, { setRawMode: (isRaw: boolean) => raw.push(isRaw) });
  const { runtime, written, interrupt } = fakeRuntime({ isTerminal: true, input, env: { TERM: "xterm" } });
  Object.assign(runtime.stdout.stream, { fd });
  const events: ScreenEvent[] = [];
  const screen: Screen = await openScreen(runtime, options, (event) => events.push(event));
  close = async () => {
    await screen.close();
    close = async () => {};
    closeSync(fd);
  };
  return { runtime, screen, events, input, raw, written, interrupt, driver: () => readFileSync(path, "utf8") };
}

describe("a screen", () => {
  test("takes the terminal over, and gives it back as it was", async () => {
    const { screen, raw, driver } = await opened({ mouse: true });
    expect([screen.rows, screen.columns]).toEqual([24, 80]);
    expect(raw).toEqual([true]);
    expect(driver()).toContain(`${ESC}[?1049h`);
    expect(driver()).toContain(`${ESC}[?1000h`);
    await screen.close();
    expect(raw).toEqual([true, false]);
    expect(
      driver().endsWith(`${ESC}[?1006l${ESC}[?1000l${ESC}[?2004l${ESC}[0m${ESC}[?7h${ESC}[?25h${ESC}[?1049l`),
    ).toBe(true);
  });

  test("leaves the mouse to the terminal, unless it is asked for", async () => {
    const { screen, driver } = await opened();
    await screen.close();
    expect(driver()).not.toContain("?1000");
  });

  test("tells of keys, of another size, and of a terminal that is gone", async () => {
    const { runtime, events, input } = await opened();
    input.write("q");
    await until(() => events.length === 1);
    runtime.stdout.stream.emit("resize");
    input.end();
    await until(() => events.length === 3);
    expect(events).toMatchObject([
      { kind: "character", text: "q" },
      { kind: "resize" },
      { kind: "gone", reason: { signal: "SIGHUP", exitCode: 129 } },
    ]);
  });

  test("takes an escape that nothing follows for the key of that name", async () => {
    const { events, input } = await opened();
    input.write(ESC);
    await until(() => events.length === 1);
    expect(events).toMatchObject([{ kind: "key", name: "escape" }]);
  });

  test("gives the terminal back when the run is interrupted, and writes nothing more to it", async () => {
    const { screen, raw, written, interrupt } = await opened();
    await screen.write("a frame");
    interrupt();
    expect(raw).toEqual([true, false]);
    await screen.write("another frame");
    expect(written.stdout).toBe("a frame");
  });

  test("is put aside as a whole, with all that runs in the foreground, and comes back", async () => {
    const { screen, raw, events, written } = await opened();
    screen.suspend();
    expect(kill).toHaveBeenCalledWith(0, "SIGTSTP");
    expect(raw).toEqual([true, false]);
    await screen.write("while the shell has the terminal");
    expect(written.stdout).toBe("");
    signalled("SIGCONT");
    expect(raw).toEqual([true, false, true]);
    expect(events).toMatchObject([{ kind: "resumed" }]);
    expect(kill).toHaveBeenLastCalledWith(process.pid, "SIGWINCH");
  });

  test("goes on by itself where no shell can put it aside", async () => {
    const { raw, events } = await opened();
    signalled("SIGTSTP");
    expect(kill).toHaveBeenCalledWith(process.pid, "SIGTSTP");
    await until(() => events.length === 1);
    expect(events).toMatchObject([{ kind: "resumed" }]);
    expect(raw).toEqual([true, false, true]);
  });
});

test("is not opened by a run that was interrupted before", async () => {
  const { runtime, interrupt } = fakeRuntime({ isTerminal: true });
  interrupt();
  await expect(openScreen(runtime, { mouse: false }, () => {})).rejects.toThrow();
});

test.each([
  [{ isTerminal: false }, "stdout is not a terminal"],
  [{ isTerminal: true, env: { TERM: "dumb" } }, "this terminal cannot be redrawn (TERM)"],
  [{ isTerminal: true }, "this terminal cannot be redrawn (TERM)"],
])("a command that needs a screen says what is missing: %j", (options, missing) => {
  expect(() => requireScreen(fakeRuntime(options).runtime, "tasks top", "Use tasks list.")).toThrow(
    `tasks top needs a terminal: ${missing}\nUse tasks list.`,
  );
});

test("a command that needs a screen says that stdin is not a terminal", () => {
  const { runtime } = fakeRuntime({ isTerminal: true, env: { TERM: "xterm" } });
  Object.assign(runtime.stdin, { isTTY: false });
  expect(() => requireScreen(runtime, "tasks top", "")).toThrow("stdin is not a terminal");
});
