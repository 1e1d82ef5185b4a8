import { promises as files } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { constants, createGunzip } from "node:zlib";
import { systemReason } from "../strings/error-text.js";
import { UsageError } from "../usage-error.js";
import { journalSegments, type Segment, segmentName } from "./journal-directory.js";
import type { Gap, JournalLine, SegmentStarted } from "./journal-line.js";
import { NewerJournalError, readLine, UnreadableLineError } from "./read-line.js";

type Event = JournalLine["event"];

export interface JournalReadOptions {
  /** Receives a sentence about what could not be read; the result is then incomplete. */
  readonly leftOut: Set<string>;
  /** Events that the caller does not need. Most of these lines are skipped without parsing. */
  readonly skip?: readonly Event[] | undefined;
  /** Whether the caller does not need a line, decided by its text, without parsing; called only with complete lines. */
  readonly skipsText?: ((text: string) => boolean) | undefined;
  /** Milliseconds since the epoch. Segments that ended before are skipped. */
  readonly sinceMs?: number | undefined;
  /** Milliseconds since the epoch. Later lines are left out, except the one that ends a gap at this time. */
  readonly untilMs?: number | undefined;
  /** The input that `-` stands for. */
  readonly stdin?: AsyncIterable<Buffer> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A file or directory holds no journal, or one that cannot be read. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

export const emptyJournal = (journal: string): JournalError =>
  new JournalError(`the journal ${journal === STDIN_JOURNAL ? "on stdin" : `'${journal}'`} is empty`);

/** Stands for a journal on stdin. */
export const STDIN_JOURNAL = "-";

/**
 * Reads the lines of a journal in order, in batches. A journal that is being written is read up to its present end. Lines that
 * cannot be read are left out, and a sentence in `leftOut` says so.
 * @param source a directory of segments; one segment, gzipped if its name ends with `.gz`; or `-`
 * @throws UsageError if it does not exist
 * @throws JournalError if it is no journal, or has a later format
 */
export async function* readJournal(source: string, options: JournalReadOptions): AsyncGenerator<JournalLine[]> {
  const reading = new Reading(options);
  try {
    if (source === STDIN_JOURNAL) yield* reading.lines("stdin", options.stdin ?? []);
    else {
      const segments = await segmentsOf(source, options);
      if (segments === undefined) yield* reading.file(source);
      else for (const { path, name } of segments) yield* reading.file(path, name);
    }
  } finally {
    reading.end();
  }
  if (reading.isNoJournal) {
    throw new JournalError(`'${source}' is not a journal: ${reading.firstFault}`);
  }
}

/** The segments that are needed; `undefined` if the source is a file. */
async function segmentsOf(source: string, { sinceMs, untilMs }: JournalReadOptions): Promise<Segment[] | undefined> {
  const found = await files.stat(source).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new UsageError(`no journal '${source}': create one with \`tasks record\``);
    throw new UsageError(`cannot read the journal '${source}': ${error.message}`);
  });
  if (!found.isDirectory()) {
    if (found.isFile() || found.isFIFO()) return undefined;
    throw new UsageError(`cannot read the journal '${source}': it is neither a file nor a directory`);
  }
  const segments = await journalSegments(source).catch((error: Error) => {
    throw new UsageError(`cannot read the journal '${source}': ${error.message}`);
  });
  if (segments.length === 0) {
    throw new UsageError(`no journal in '${source}': create one with \`tasks record ${source}\``);
  }
  // Each segment begins with all tasks that existed. So only the last one that began early enough is needed, and those after it.
  const since = sinceMs === undefined ? "" : segmentName(sinceMs);
  const until = untilMs === undefined ? undefined : segmentName(untilMs);
  const first = Math.max(
    0,
    segments.findLastIndex(({ name }) => name <= since),
  );
  // The first segment after that time says how long nobody watched before it.
  const last = until === undefined ? -1 : segments.findIndex(({ name }) => name > until);
  return segments.slice(first, last === -1 ? undefined : last + 1);
}

/**
 * How much is read at once; the lines in it are a batch. Strings of 128 kB or more are large objects in V8, which burden its
 * garbage collector much more.
 */
const PIECE_BYTES = 96 * 1024;

/** Long enough for a status with an error of megabytes; limits the memory for a file without line ends. */
const LONGEST_LINE_BYTES = 16 * 1024 ** 2;

/** A source that has no line end for this long may never have one. */
const ENDLESS_BYTES = 64 * 1024 ** 2;

/** If this many lines at the start cannot be read, the rest cannot either. */
const MOST_FAULTS = 100_000;

const NEWLINE = 10;

class Reading {
  readonly #options: JournalReadOptions;
  readonly #skipped: readonly string[];
  readonly #until: string | undefined;
  readonly #unreadFiles: string[] = [];
  #readable = 0;
  #unreadable = 0;
  /** Where the first unreadable line is, and what is wrong with it. */
  firstFault = "";
  #file = "";
  #line = 0;
  #isPastEnd = false;
  /** Whether the last time to read is in a gap: the lines that follow are later. */
  #endsInGap = false;
  /** Names of the segments that were read, and of those that could not be read at all, which are reported elsewhere. */
  readonly #segments = new Set<string>();
  readonly #unreadSegments = new Set<string>();
  readonly #holes: string[] = [];
  #lastTime: string | undefined;

  constructor(options: JournalReadOptions) {
    this.#options = options;
    this.#skipped = (options.skip ?? []).map((event) => `"event":"${event}"`);
    this.#until = options.untilMs === undefined ? undefined : new Date(options.untilMs).toISOString();
  }

  /** Whether there were lines, but none from a journal. */
  get isNoJournal(): boolean {
    return this.#readable === 0 && this.#unreadable > 0;
  }

  end(): void {
    const { leftOut } = this.#options;
    const count = this.#unreadable;
    if (count === 1) leftOut.add(`cannot read a line of the journal: ${this.firstFault}`);
    if (count > 1) leftOut.add(`${count} lines of the journal cannot be read, the first: ${this.firstFault}`);
    const [hole, ...moreHoles] = this.#holes;
    if (hole !== undefined) {
      leftOut.add(`${hole}${moreHoles.length === 0 ? "" : `, and ${moreHoles.length} more like it`}`);
    }
    const [first, ...more] = this.#unreadFiles;
    if (first !== undefined) leftOut.add(`${first}${more.length === 0 ? "" : `, and ${more.length} more files`}`);
  }

  /** @param segment its name if it is one of several; then a failure does not end the reading of the others */
  async *file(path: string, segment?: string): AsyncGenerator<JournalLine[]> {
    const linesBefore = this.#readable + this.#unreadable;
    let opened: OpenSegment;
    try {
      opened = await openSegment(path);
    } catch (error) {
      const reason = `cannot read '${path}': ${systemReason(error)}`;
      if (segment === undefined) throw new UsageError(reason);
      this.#unreadFiles.push(reason);
      this.#unreadSegments.add(segment);
      return;
    }
    const { handle, isGzipped } = opened;
    let isCutOff = false;
    try {
      yield* this.lines(path, isGzipped ? await unzipped(handle) : piecesOf(handle));
    } catch (error) {
      if (!isFileError(error)) throw error;
      this.#unreadFiles.push(`the end of '${path}' cannot be read: ${error.message}`);
      isCutOff = true;
    } finally {
      await handle.close();
    }
    if (segment === undefined) return;
    if (this.#readable + this.#unreadable > linesBefore) this.#segments.add(segment);
    else {
      this.#unreadSegments.add(segment);
      // A segment is renamed to its final name only after its first lines are written.
      if (!isCutOff) this.#unreadFiles.push(`'${path}' is empty: its content is lost`);
    }
  }

  /** @param pieces each may be overwritten once the next is requested */
  async *lines(file: string, pieces: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<JournalLine[]> {
    const { signal } = this.#options;
    this.#file = file;
    this.#line = 0;
    let rest: Buffer = Buffer.alloc(0);
    /** How much of a line that is too long was skipped. */
    let passedBytes = 0;
    for await (const piece of pieces) {
      signal?.throwIfAborted();
      const end = piece.lastIndexOf(NEWLINE);
      if (end === -1) {
        if (passedBytes > 0 || rest.length + piece.length > LONGEST_LINE_BYTES) {
          passedBytes += rest.length + piece.length;
          rest = Buffer.alloc(0);
        } else rest = Buffer.concat([rest, piece]);
        if (passedBytes > ENDLESS_BYTES) break;
        continue;
      }
      let start = 0;
      const batch: JournalLine[] = [];
      if (passedBytes > 0 || rest.length > 0) {
        const first = piece.indexOf(NEWLINE);
        if (passedBytes > 0) this.#tooLong();
        else this.#read(Buffer.concat([rest, piece.subarray(0, first)]).toString(), batch);
        start = first + 1;
      }
      this.#readAll(piece.toString("utf8", start, end + 1), batch);
      rest = Buffer.from(piece.subarray(end + 1));
      passedBytes = 0;
      if (batch.length > 0) yield batch;
      if (this.#isPastEnd || (this.isNoJournal && this.#unreadable > MOST_FAULTS)) return;
    }
    const last: JournalLine[] = [];
    if (passedBytes > 0) this.#tooLong();
    else if (rest.length > 0) this.#read(rest.toString(), last, "it is cut off");
    if (last.length > 0) yield last;
  }

  #readAll(text: string, batch: JournalLine[]): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      this.#read(text.slice(start, end), batch);
      start = end + 1;
    }
  }

  #read(text: string, batch: JournalLine[], fault = "it is damaged"): void {
    this.#line++;
    if (text.trim() === "") return;
    if (text.endsWith("}") && (isOf(this.#skipped, text) || this.#options.skipsText?.(text) === true)) {
      this.#readable++;
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.#miss(fault);
      return;
    }
    this.#add(value, batch);
  }

  #add(value: unknown, batch: JournalLine[]): void {
    let line: JournalLine | undefined;
    try {
      line = readLine(value);
    } catch (error) {
      if (error instanceof NewerJournalError) {
        throw new JournalError(`cannot read the journal '${this.#file}': ${error.message}`);
      }
      if (!(error instanceof UnreadableLineError)) throw error;
      this.#miss(error.message);
      return;
    }
    this.#readable++;
    if (line === undefined || this.#endsInGap) return;
    const hole = line.event === "segment_started" ? this.#holeBefore(line) : undefined;
    this.#lastTime = line.at;
    if (this.#until !== undefined && line.at > this.#until) {
      this.#isPastEnd = true;
      if (hole !== undefined) batch.push(hole);
      if (line.event !== "gap" || line.from > this.#until) return;
      this.#endsInGap = true;
    }
    if (this.#options.skip?.includes(line.event) !== true) batch.push(line);
    if (hole !== undefined) batch.push(hole);
  }

  /** If the segment before this one is missing: the time in between, as a gap. */
  #holeBefore({ at, segment, after }: SegmentStarted): Gap | undefined {
    if (segment !== undefined) this.#segments.add(segment);
    const from = this.#lastTime;
    if (from === undefined || after === undefined || this.#segments.has(after)) return undefined;
    if (this.#until !== undefined && from > this.#until) return undefined;
    if (!this.#unreadSegments.has(after)) {
      this.#holes.push(`segment ${after} of the journal is missing: nothing is known from ${from} to ${at}`);
    }
    return { at, event: "gap", from, to: at, reason: "a segment of the journal is missing" };
  }

  #tooLong(): void {
    this.#line++;
    this.#miss(`it is longer than ${LONGEST_LINE_BYTES / 1024 ** 2} MB`);
  }

  #miss(reason: string): void {
    if (this.#unreadable++ === 0) this.firstFault = `${this.#file}, line ${this.#line}: ${reason}`;
  }
}

/** The position of the event in a line that begins with it, and in one that begins with the time, as the recorder writes it. */
const EVENT_FIRST = 1;
const EVENT_AFTER_TIME = '{"at":"2026-11-24T20:31:49.123Z",'.length;

/**
 * Whether the event of a line is one of these, decided without parsing. Unknown (so false) if anything but a time comes before the
 * event.
 */
function isOf(events: readonly string[], text: string): boolean {
  if (events.length === 0) return false;
  const startsWithTime = text.startsWith('{"at":"') && text.startsWith('Z",', EVENT_AFTER_TIME - 3);
  const position = startsWithTime ? EVENT_AFTER_TIME : EVENT_FIRST;
  for (const event of events) if (text.startsWith(event, position)) return true;
  return false;
}

interface OpenSegment {
  readonly handle: FileHandle;
  readonly isGzipped: boolean;
}

/** Opens a segment by either of its names: it may have been gzipped just now. */
async function openSegment(path: string): Promise<OpenSegment> {
  const isGzipped = path.endsWith(".gz");
  try {
    return { handle: await files.open(path), isGzipped };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || isGzipped) throw error;
    return { handle: await files.open(`${path}.gz`), isGzipped: true };
  }
}

async function* piecesOf(handle: FileHandle): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Unzips a file; if it is cut off, everything before the cut. */
async function unzipped(handle: FileHandle): Promise<AsyncIterable<Buffer>> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  const copies = Readable.from(copied(piecesOf(handle)));
  // The reader of the last stream sees any error.
  pipeline(copies, gunzip, () => {});
  return gunzip;
}

async function* copied(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece);
}

/** Whether it is an error of the file system or of zlib: these have a code. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && !(error instanceof JournalError) && error.name !== "AbortError";
}
