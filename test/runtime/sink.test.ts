import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { ClosedPipe, sink } from "../../src/runtime/sink.js";

/** A stream whose writes come out as the test says. */
const streamThat = (write: (done: (error?: Error) => void) => void, more: object = {}) =>
  Object.assign(
    new Writable({ write: (_text, _encoding, done) => write(done) }),
    more,
  ) as unknown as NodeJS.WriteStream;

const failing = (code: string) => streamThat((done) => done(Object.assign(new Error(`write ${code}`), { code })));

test("a stream is opened when it is first used, and once", async () => {
  let opened = 0;
  const stdout = sink(() => {
    opened++;
    return streamThat((done) => done());
  });
  expect(opened).toBe(0);
  await stdout.write("a");
  await stdout.write("b");
  expect(opened).toBe(1);
});

test("a pipe has the size of a usual terminal, and a terminal its own", () => {
  const pipe = sink(() => streamThat((done) => done()));
  expect([pipe.isTerminal, pipe.columns, pipe.rows]).toEqual([false, 80, 24]);
  const terminal = sink(() => streamThat((done) => done(), { isTTY: true, columns: 132, rows: 50 }));
  expect([terminal.isTerminal, terminal.columns, terminal.rows]).toEqual([true, 132, 50]);
});

test.each(["EPIPE", "ERR_STREAM_DESTROYED"])("a reader that went away is told from other errors: %s", async (code) => {
  await expect(sink(() => failing(code)).write("a")).rejects.toThrow(ClosedPipe);
});

test("a full disk is an error", async () => {
  await expect(sink(() => failing("ENOSPC")).write("a")).rejects.toThrow("write ENOSPC");
});

test("a write that waits for its reader ends when the run is interrupted", async () => {
  const interrupt = new AbortController();
  const stdout = sink(
    () => streamThat(() => {}),
    () => interrupt.signal,
  );
  const writing = stdout.write("a");
  interrupt.abort(new Error("interrupted"));
  await expect(writing).rejects.toThrow("interrupted");
});
