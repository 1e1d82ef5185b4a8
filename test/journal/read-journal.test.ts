import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { JournalLine } from "../../src/journal/journal-line.js";
import { type JournalReadOptions, readJournal } from "../../src/journal/read-journal.js";
import {
  at,
  BEGIN,
  ended,
  journalDirectory,
  ndjsonOf,
  run,
  seen,
  segmentFile,
  started,
  status,
} from "../fixtures/journals.js";

async function read(source: string, options: Partial<JournalReadOptions> = {}) {
  const leftOut = new Set<string>();
  const lines: JournalLine[] = [];
  for await (const batch of readJournal(source, { leftOut, ...options })) lines.push(...batch);
  return { lines, leftOut: [...leftOut] };
}

const FIRST = segmentFile(0);
const LINES = [started(0), ...run(1, 0, 60)];

describe("readJournal", () => {
  it("reads the gzipped and plain segments of a directory in the order of time, and ignores other files", async () => {
    const [one, two, three] = [[started(0), ...run(1, 0, 60)], [started(3600)], [started(7200), ...run(2, 7200, 7300)]];
    const directory = journalDirectory({
      [segmentFile(7200)]: ndjsonOf(three),
      [`${FIRST}.gz`]: ndjsonOf(one),
      [FIRST]: "left behind",
      [segmentFile(3600)]: ndjsonOf(two),
      lock: "1234",
      "notes.ndjson": "no segment",
    });
    expect(await read(directory)).toEqual({ lines: [...one, ...two, ...three], leftOut: [] });
  });

  it("reads a file, a gzipped one, and stdin", async () => {
    const directory = journalDirectory({ "a.ndjson": ndjsonOf(LINES), "a.ndjson.gz": ndjsonOf(LINES) });
    const stdin = (async function* () {
      for (const byte of Buffer.from(ndjsonOf(LINES))) yield Buffer.from([byte]);
    })();
    expect((await read(join(directory, "a.ndjson"))).lines).toEqual(LINES);
    expect((await read(join(directory, "a.ndjson.gz"))).lines).toEqual(LINES);
    expect((await read("-", { stdin })).lines).toEqual(LINES);
  });

  it("reads everything before a cut at any byte, and says that a line is cut off", async () => {
    const text = ndjsonOf(LINES);
    const ends = LINES.map((_, index) => ndjsonOf(LINES.slice(0, index + 1)).length);
    for (let cut = ends[0] as number; cut <= text.length; cut += 7) {
      const directory = journalDirectory({ [FIRST]: text.slice(0, cut) });
      const { lines, leftOut } = await read(directory);
      // A line without its line end is whole, too.
      const whole = ends.filter((end) => end - 1 <= cut).length;
      expect(lines).toEqual(LINES.slice(0, whole));
      const isTorn = !ends.includes(cut) && !ends.includes(cut + 1);
      const said = `cannot read a line of the journal: ${join(directory, FIRST)}, line ${whole + 1}: it is cut off`;
      expect(leftOut).toEqual(isTorn ? [said] : []);
    }
  });

  it("reads the first part of a gzipped segment that is cut off", async () => {
    const lines = [started(0), ...Array.from({ length: 3000 }, (_, index) => run(index, index, index + 5)).flat()];
    const whole = gzipSync(ndjsonOf(lines));
    const directory = journalDirectory({ [`${FIRST}.gz`]: whole.subarray(0, whole.length / 2) });
    const { lines: read_, leftOut } = await read(directory);
    expect(read_.length).toBeGreaterThan(1000);
    expect(read_).toEqual(lines.slice(0, read_.length));
    expect(leftOut).toEqual([
      `cannot read a line of the journal: ${join(directory, FIRST)}.gz, line ${read_.length + 1}: it is cut off`,
    ]);
  });

  it("leaves out damaged lines, and says how many and where", async () => {
    const bad = [
      "{",
      "[]",
      "null",
      '{"event":"task_seen"}',
      JSON.stringify({ ...seen(1, status(1)), id: "--help" }),
      JSON.stringify({ ...seen(1, status(1)), node: 7 }),
      JSON.stringify(seen(1, { ...status(1), state: 7 as never })),
      JSON.stringify({ ...ended(1, status(1)), within_ms: -1 }),
      JSON.stringify({ ...ended(1, status(1)), at: "yesterday" }),
      JSON.stringify(seen(1, { ...status(1), extra: nest(100) })),
      "x".repeat(17 * 1024 ** 2),
    ];
    const [start, ...rest] = LINES as [JournalLine];
    const directory = journalDirectory({ [FIRST]: `${ndjsonOf([start])}${bad.join("\n")}\n\n${ndjsonOf(rest)}` });
    expect(await read(directory)).toEqual({
      lines: LINES,
      leftOut: [
        `${bad.length} lines of the journal cannot be read, the first: ${join(directory, FIRST)}, line 2: it is damaged`,
      ],
    });
  });

  it("skips events that it does not know, and those that the caller does not need", async () => {
    const progress = {
      at: started(1).at,
      event: "task_progress",
      node: null,
      id: "a1",
      completed: 1,
      total: 2,
    } as const;
    const unknown = JSON.stringify({ ...started(1), event: "constructor" });
    const { event, ...others } = progress;
    const asOthersWriteIt = JSON.stringify({ ...others, event });
    const text = `${ndjsonOf([...LINES, progress])}${unknown}\n${asOthersWriteIt}\n`;
    const directory = journalDirectory({ [FIRST]: text });
    expect(await read(directory)).toEqual({ lines: [...LINES, progress, progress], leftOut: [] });
    expect(await read(directory, { skip: ["task_progress"] })).toEqual({ lines: LINES, leftOut: [] });
  });

  it("reads only the segments that a time needs", async () => {
    const segments = [0, 3600, 7200].map((from) => [started(from), ...run(from, from, from + 60)]);
    const directory = journalDirectory(
      Object.fromEntries([0, 3600, 7200].map((from, index) => [segmentFile(from), ndjsonOf(segments[index] ?? [])])),
    );
    const [first = [], second = [], third = []] = segments;
    const seconds = (count: number) => BEGIN + count * 1000;
    expect((await read(directory, { sinceMs: seconds(3599) })).lines).toEqual([...first, ...second, ...third]);
    expect((await read(directory, { sinceMs: seconds(3600) })).lines).toEqual([...second, ...third]);
    expect((await read(directory, { sinceMs: seconds(-10) })).lines).toEqual([...first, ...second, ...third]);
    expect((await read(directory, { untilMs: seconds(3659) })).lines).toEqual([...first, ...second.slice(0, 2)]);
    expect((await read(directory, { untilMs: seconds(3600) })).lines).toEqual([...first, ...second.slice(0, 2)]);
  });

  it("goes on with the other segments if one cannot be read", async () => {
    const directory = journalDirectory({
      [`${FIRST}.gz`]: Buffer.from("not gzipped at all, but with that name"),
      [segmentFile(3600)]: ndjsonOf(LINES),
    });
    const { lines, leftOut } = await read(directory);
    expect(lines).toEqual(LINES);
    expect(leftOut).toEqual([`the end of '${join(directory, FIRST)}.gz' cannot be read: incorrect header check`]);
  });

  describe("if a segment in the middle is missing", () => {
    const names = [0, 3600, 7200].map((from) => segmentFile(from).replace(".ndjson", ""));
    const segments = [0, 3600, 7200].map((from, index) => [
      started(from, { segment: names[index], after: names[index - 1] } as Partial<JournalLine>),
      ...run(from, from, from + 60),
    ]);
    const [first = [], second = [], third = []] = segments;
    const gap = {
      at: at(7200),
      event: "gap",
      from: at(60),
      to: at(7200),
      reason: "a segment of the journal is missing",
    };
    const withGap = [...first, third[0], gap, ...third.slice(1)];
    const missing = `segment ${names[1]} of the journal is missing: nothing is known from ${at(60)} to ${at(7200)}`;

    it("says so, and reports it as a gap", async () => {
      const directory = journalDirectory({
        [segmentFile(0)]: ndjsonOf(first),
        [`${segmentFile(7200)}.gz`]: ndjsonOf(third),
      });
      expect(await read(directory)).toEqual({ lines: withGap, leftOut: [missing] });
    });

    it("also says so for a stream", async () => {
      const stdin = [Buffer.from(ndjsonOf([...first, ...third]))] as unknown as AsyncIterable<Buffer>;
      expect(await read("-", { stdin })).toEqual({ lines: withGap, leftOut: [missing] });
    });

    it("says that an empty segment is empty, wherever it is", async () => {
      const directory = journalDirectory({
        [segmentFile(0)]: ndjsonOf(first),
        [`${segmentFile(3600)}.gz`]: "",
        [segmentFile(7200)]: ndjsonOf(third),
      });
      const empty = `'${join(directory, segmentFile(3600))}.gz' is empty: its content is lost`;
      expect(await read(directory)).toEqual({ lines: withGap, leftOut: [empty] });
      const last = journalDirectory({ [segmentFile(0)]: ndjsonOf(first), [segmentFile(3600)]: "" });
      const lastEmpty = `'${join(last, segmentFile(3600))}' is empty: its content is lost`;
      expect(await read(last)).toEqual({ lines: first, leftOut: [lastEmpty] });
    });

    it("names the first, and counts the others", async () => {
      const fourth = [started(9000, { segment: "d", after: "c" } as Partial<JournalLine>)];
      const directory = journalDirectory({
        [segmentFile(0)]: ndjsonOf(first),
        [segmentFile(7200)]: ndjsonOf(third),
        [segmentFile(9000)]: ndjsonOf(fourth),
      });
      expect((await read(directory)).leftOut).toEqual([`${missing}, and 1 more like it`]);
    });

    it("does not miss any before the first, or outside the requested time", async () => {
      const later = journalDirectory({ [segmentFile(3600)]: ndjsonOf(second), [segmentFile(7200)]: ndjsonOf(third) });
      expect(await read(later)).toEqual({ lines: [...second, ...third], leftOut: [] });
      const directory = journalDirectory({ [segmentFile(0)]: ndjsonOf(first), [segmentFile(7200)]: ndjsonOf(third) });
      expect(await read(directory, { untilMs: BEGIN + 30_000 })).toEqual({ lines: first.slice(0, 2), leftOut: [] });
      expect(await read(directory, { untilMs: BEGIN + 4_000_000 })).toEqual({
        lines: [...first, gap],
        leftOut: [missing],
      });
    });
  });

  it("leaves out a node_lost line without a reason", async () => {
    const lost = { ...started(5), event: "node_lost", node: "127.0.0.1" };
    const directory = journalDirectory({ [FIRST]: `${ndjsonOf(LINES)}${JSON.stringify(lost)}\n` });
    const { lines, leftOut } = await read(directory);
    expect(lines).toEqual(LINES);
    expect(leftOut).toEqual([expect.stringContaining("reason is not a string")]);
  });

  it("refuses what is not a journal, an empty one, and one of a later version", async () => {
    const later = { ...started(0), version: 2 } as JournalLine;
    const directory = journalDirectory({ "later.ndjson": ndjsonOf([later]), "page.html": "<html>\n</html>\n" });
    await expect(read(join(directory, "later.ndjson"))).rejects.toThrow(
      `cannot read the journal '${directory}/later.ndjson': it has format version 2, and this version of tasks reads versions up to 1`,
    );
    await expect(read(join(directory, "page.html"))).rejects.toThrow(
      `'${directory}/page.html' is not a journal: ${directory}/page.html, line 1: it is damaged`,
    );
    await expect(read(directory)).rejects.toThrow(`no journal in '${directory}'`);
    await expect(read(join(directory, "none"))).rejects.toThrow(`no journal '${directory}/none'`);
    await expect(read("/dev/zero")).rejects.toThrow("'/dev/zero': it is neither a file nor a directory");
  });

  it.each([
    ["has no line ends", "\0".repeat(1024 ** 2), /line 1: it is longer than 16 MB/],
    ["has lines of anything", "<p>\n".repeat(1000), /line 1: it is damaged/],
  ])("does not read for ever what has no end and %s", async (_, text, fault) => {
    async function* endless(before = "") {
      yield Buffer.from(before);
      for (const piece = Buffer.from(text); ; ) yield piece;
    }
    await expect(read("-", { stdin: endless() })).rejects.toThrow(fault);
    if (!text.startsWith("\0")) return;
    const { lines, leftOut } = await read("-", { stdin: endless(ndjsonOf(LINES)) });
    expect(lines).toEqual(LINES);
    expect(leftOut).toEqual([expect.stringContaining("longer than 16 MB")]);
  });
});

const nest = (depth: number): unknown => (depth === 0 ? 1 : { in: nest(depth - 1) });
