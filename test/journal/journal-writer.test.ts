import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { segmentName } from "../../src/journal/journal-directory.js";
import type { JournalLine } from "../../src/journal/journal-line.js";
import { JournalWriter, type JournalWriterOptions } from "../../src/journal/journal-writer.js";
import { openNewFile, repairSegment } from "../../src/journal/segment-file.js";
import { at, BEGIN, NODE, ndjsonOf, run, segmentFile, started } from "../fixtures/journals.js";
import { linesOf, newDirectory } from "../fixtures/recorded.js";

function clockAt(seconds: number) {
  const clock = {
    seconds,
    now: () => BEGIN + clock.seconds * 1000,
    monotonic: () => clock.seconds * 1000,
    sleep: async () => {},
  };
  return clock;
}

function optionsAt(clock: ReturnType<typeof clockAt>, more: Partial<JournalWriterOptions> = {}) {
  const troubles: string[] = [];
  const options: JournalWriterOptions = {
    clock,
    segmentBytes: 1_000_000,
    segmentAgeMs: 86_400_000,
    onTrouble: (text) => troubles.push(text),
    ...more,
  };
  return { options, troubles };
}

const LINES: readonly JournalLine[] = [started(0), ...run(1, 1, 5), ...run(2, 2, 9, { error: "größer\n" })];
const names = (directory: string) => readdirSync(directory).sort();

describe("a journal", () => {
  test("can be read by its owner only, and is gzipped when it is closed", async () => {
    const directory = join(newDirectory(), "state", "journal");
    const { options } = optionsAt(clockAt(0));
    const writer = await JournalWriter.open(directory, options);
    await writer.begin(LINES);
    expect(names(directory)).toEqual([segmentFile(0), "lock"]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of names(directory)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    await writer.close();
    expect(names(directory)).toEqual([`${segmentFile(0)}.gz`]);
    expect(statSync(join(directory, `${segmentFile(0)}.gz`)).mode & 0o777).toBe(0o600);
    expect(gunzipSync(readFileSync(join(directory, `${segmentFile(0)}.gz`))).toString()).toBe(
      ndjsonOf([{ ...started(0), segment: segmentName(BEGIN) } as JournalLine, ...LINES.slice(1)]),
    );
  });

  test("begins a segment by size and by age, and removes the oldest by age and by size", async () => {
    const directory = newDirectory();
    const clock = clockAt(0);
    const { options } = optionsAt(clock, { segmentBytes: 1000, segmentAgeMs: 60_000, keepMs: 300_000 });
    const writer = await JournalWriter.open(directory, options);
    expect(writer.isDue(clock.now())).toBe(true);
    await writer.begin([started(0)]);
    expect(writer.isDue(clock.now())).toBe(false);
    await writer.append(LINES);
    expect(writer.isDue(clock.now())).toBe(true);
    for (clock.seconds = 100; clock.seconds <= 700; clock.seconds += 100) {
      expect(writer.isDue(clock.now())).toBe(true);
      await writer.begin([started(clock.seconds)]);
    }
    await writer.close();
    expect(names(directory)).toEqual([400, 500, 600, 700].map((seconds) => `${segmentFile(seconds)}.gz`));
    const least = await JournalWriter.open(directory, { ...options, maxBytes: 1 });
    await least.begin([started(800)]);
    await least.close();
    expect(names(directory)).toEqual([`${segmentFile(800)}.gz`]);
  });

  test("has unique and ascending segment names even if the clock is set back", async () => {
    const directory = newDirectory();
    const clock = clockAt(100);
    const { options } = optionsAt(clock);
    for (let round = 0; round < 3; round++) {
      const writer = await JournalWriter.open(directory, options);
      await writer.begin([started(round)]);
      await writer.close();
      clock.seconds -= 50;
    }
    const lines = await linesOf(directory);
    expect(lines.map((line) => line.at)).toEqual([at(0), at(1), at(2)]);
    const [first, second, third] = [0, 1, 2].map((ms) => segmentName(BEGIN + 100_000 + ms));
    expect(lines).toMatchObject([
      { segment: first },
      { segment: second, after: first },
      { after: second, segment: third },
    ]);
  });
});

describe("after a crash", () => {
  const SHORT: readonly JournalLine[] = [
    { at: at(0), event: "node_lost", node: NODE, reason: "größer\n" },
    { at: at(1), event: "node_back", node: NODE, since: at(0) },
    { at: at(2), event: "recording_stopped" },
  ];
  const whole = Buffer.from(ndjsonOf(SHORT));
  const wholeLines = (cut: number) => SHORT.slice(0, whole.subarray(0, cut).toString("latin1").split("\n").length - 1);

  test("cut at any byte, everything before is kept, and the partial line is saved in another file", async () => {
    const directory = newDirectory();
    const path = join(directory, segmentFile(0));
    for (let cut = 0; cut <= whole.length; cut++) {
      writeFileSync(path, whole.subarray(0, cut));
      const torn = await repairSegment(path);
      const left = ndjsonOf(wholeLines(cut));
      expect(readFileSync(path, "utf8")).toBe(left);
      expect(torn).toBe(cut - Buffer.byteLength(left));
      if (torn > 0) expect(readFileSync(`${path}.torn`)).toEqual(whole.subarray(cut - torn, cut));
    }
  });

  test("the next writer says what was cut off, and begins a new segment", async () => {
    for (const cut of [0, 1, 60, 100, 200, whole.length]) {
      const directory = newDirectory();
      writeFileSync(join(directory, segmentFile(0)), whole.subarray(0, cut));
      const { options, troubles } = optionsAt(clockAt(100));
      const writer = await JournalWriter.open(directory, options);
      await writer.begin([started(100)]);
      await writer.close();
      const chain = { segment: segmentName(BEGIN + 100_000), after: segmentName(BEGIN) };
      expect(await linesOf(directory)).toEqual([...wholeLines(cut), { ...started(100), ...chain }]);
      const isTorn = cut > 0 && whole[cut - 1] !== 10;
      const trouble = isTorn ? "the last line of " : cut === 0 ? "is empty: its content is lost" : "";
      expect(troubles).toEqual(trouble === "" ? [] : [expect.stringContaining(trouble)]);
    }
  });

  test("during the gzipping of a segment, no line is duplicated or missing", async () => {
    const text = ndjsonOf(LINES);
    const plain = segmentFile(0);
    for (const left of [
      { [plain]: text, [`${plain}.gz.tmp`]: gzipSync(text).subarray(0, 50) },
      { [plain]: text, [`${segmentFile(5)}.tmp`]: "" },
      { [plain]: text, [`${plain}.gz`]: gzipSync(text) },
      { [`${plain}.gz`]: gzipSync(text) },
    ]) {
      const directory = newDirectory();
      for (const [name, content] of Object.entries(left)) writeFileSync(join(directory, name), content);
      expect(await linesOf(directory)).toEqual(LINES);
      const writer = await JournalWriter.open(directory, optionsAt(clockAt(9)).options);
      await writer.close();
      expect(names(directory)).toEqual([`${plain}.gz`]);
      expect(await linesOf(directory)).toEqual(LINES);
    }
  });
});

describe("two writers", () => {
  test("if many start at once, only one gets the journal, even if a dead process left a lock", async () => {
    const directory = newDirectory();
    const pid = Number(execFileSync("sh", ["-c", "echo $$"]).toString());
    for (const lock of [undefined, JSON.stringify({ pid, host: hostname(), begin: "1" }), "", "{"]) {
      if (lock !== undefined) writeFileSync(join(directory, "lock"), lock);
      const opened = await Promise.allSettled(
        Array.from({ length: 20 }, () => JournalWriter.open(directory, optionsAt(clockAt(0)).options)),
      );
      const writers = opened.filter((one) => one.status === "fulfilled");
      expect(writers.length).toBe(1);
      for (const one of opened) if (one.status === "rejected") expect(one.reason.message).toMatch(/another recorder/);
      await writers[0]?.value.close();
      expect(names(directory)).toEqual([]);
    }
  });

  test("a writer on another host may still run: its lock is kept, and the error names it", async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, "lock"), JSON.stringify({ pid: 1, host: "elsewhere.example", started: "2026" }));
    await expect(JournalWriter.open(directory, optionsAt(clockAt(0)).options)).rejects.toThrow(
      `another recorder may be writing to it: process 1 on elsewhere.example, since 2026. If it is no longer running, remove ${join(directory, "lock")}`,
    );
  });
});

test("a full disk leaves only whole lines and is reported once, and writing goes on when there is room", async () => {
  const directory = newDirectory();
  let room = 700;
  const openFile = async (path: string) => {
    if (room <= 0) throw Object.assign(new Error("ENOSPC: no space left on device, open"), { code: "ENOSPC" });
    const handle = await openNewFile(path);
    const write = handle.write.bind(handle) as typeof handle.write;
    handle.write = (async (data: Buffer, offset: number, length: number, position: number) => {
      if (room <= 0) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      const some = Math.min(length, room);
      room -= some;
      return await write(data, offset, some, position);
    }) as typeof handle.write;
    return handle;
  };
  const clock = clockAt(0);
  const { options, troubles } = optionsAt(clock, { openFile });
  const writer = await JournalWriter.open(directory, options);
  expect(await writer.begin([started(0)])).toBe(true);
  expect(await writer.append(LINES)).toBe(false);
  clock.seconds = 10;
  expect(writer.failure).toMatchObject({ sinceMs: BEGIN });
  expect(await writer.begin(LINES)).toBe(false);
  expect(troubles).toEqual(["cannot write to the journal: ENOSPC: no space left on device, write; still recording"]);
  room = 1_000_000;
  expect(await writer.begin([started(10)])).toBe(true);
  expect(writer.failure).toBeUndefined();
  await writer.close();
  const [first, second] = [segmentName(BEGIN), segmentName(BEGIN + 10_000)];
  expect(await linesOf(directory)).toEqual([
    { ...started(0), segment: first },
    { ...started(10), segment: second, after: first },
  ]);
});
