import { promises as files } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../runtime/clock.js";
import { makeDirectory } from "../runtime/make-directory.js";
import { journalSegments, type Segment, segmentName } from "./journal-directory.js";
import type { JournalLine } from "./journal-line.js";
import { lockJournal } from "./journal-lock.js";
import { gzipSegment, type OpenFile, openNewFile, repairSegment, SegmentFile, UNFINISHED } from "./segment-file.js";

export interface JournalWriterOptions {
  readonly clock: Clock;
  /** A segment that reaches this size or age is closed and gzipped. */
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
  /** How long to keep segments after their end. Default: forever. */
  readonly keepMs?: number | undefined;
  /** If all segments together are larger than this, the oldest are removed. */
  readonly maxBytes?: number | undefined;
  /** Called with a sentence about a failure that does not stop the writing. */
  onTrouble(text: string): void;
  readonly openFile?: OpenFile;
}

/** Lines are synced to the disk after this time at the latest; not after each batch, to spare the disk. */
const SYNC_EVERY_MS = 5_000;

/** Writes a journal in segments. Each batch of lines is one write. */
export class JournalWriter {
  readonly directory: string;
  readonly #options: JournalWriterOptions;
  readonly #unlock: () => Promise<void>;
  #segment: SegmentFile | undefined;
  #segmentMs = 0;
  #lastName: string;
  #syncedMs = 0;
  #failure: { readonly sinceMs: number; readonly reason: string } | undefined;
  /** Gzips and removes segments one after the other, while others are written. */
  #tidying: Promise<void> = Promise.resolve();

  private constructor(directory: string, options: JournalWriterOptions, unlock: () => Promise<void>, last: string) {
    this.directory = directory;
    this.#options = options;
    this.#unlock = unlock;
    this.#lastName = last;
  }

  /**
   * Opens a journal for writing, and repairs damage from a crash.
   * @throws JournalLockedError if another process writes to it; the system's error if the directory cannot be written to
   */
  static async open(directory: string, options: JournalWriterOptions): Promise<JournalWriter> {
    await makeDirectory(directory);
    const unlock = await lockJournal(directory, options.clock.now());
    try {
      // The next segment names this one as its predecessor, even if the repair removes it.
      const last = (await journalSegments(directory)).at(-1)?.name ?? "";
      const left = await repairDirectory(directory, options.onTrouble);
      const writer = new JournalWriter(directory, options, unlock, last);
      for (const path of left) writer.#tidy(() => gzipSegment(path));
      return writer;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** Why and since when writing fails. */
  get failure(): { readonly sinceMs: number; readonly reason: string } | undefined {
    return this.#failure;
  }

  /** Whether it is time for a new segment: there is none yet, it is too large or too old, or it cannot be written to. */
  isDue(nowMs: number): boolean {
    const { segmentBytes, segmentAgeMs } = this.#options;
    const segment = this.#segment;
    return segment === undefined || segment.bytes >= segmentBytes || nowMs - this.#segmentMs >= segmentAgeMs;
  }

  /**
   * Closes the segment, and begins a new one.
   * @param lines its first lines
   * @returns whether they were written
   */
  async begin(lines: readonly JournalLine[]): Promise<boolean> {
    const nowMs = this.#options.clock.now();
    await this.#closeSegment();
    // Names are unique, and sort in the order of writing even if the clock was set back.
    let name = segmentName(nowMs);
    if (name <= this.#lastName) name = segmentName(timeOfName(this.#lastName) + 1);
    const path = join(this.directory, `${name}.ndjson`);
    try {
      const chained = ndjsonOf(lines.map((line) => this.#chained(line, name)));
      this.#segment = await SegmentFile.create(path, chained, this.#options.openFile ?? openNewFile);
    } catch (error) {
      this.#fail(error);
      return false;
    }
    this.#lastName = name;
    this.#segmentMs = nowMs;
    this.#failure = undefined;
    this.#tidy(() => this.#removeOld());
    return true;
  }

  /** @returns whether the lines were written: all of them or none */
  async append(lines: readonly JournalLine[]): Promise<boolean> {
    const segment = this.#segment;
    if (segment === undefined) return false;
    if (lines.length === 0) return true;
    try {
      await segment.append(ndjsonOf(lines));
      const nowMs = this.#options.clock.monotonic();
      if (nowMs - this.#syncedMs >= SYNC_EVERY_MS) {
        await segment.sync();
        this.#syncedMs = nowMs;
      }
      return true;
    } catch (error) {
      await this.#closeSegment();
      this.#fail(error);
      return false;
    }
  }

  /** Syncs everything to the disk, gzips the segment, and releases the lock. */
  async close(): Promise<void> {
    await this.#closeSegment();
    await this.#tidying;
    await this.#unlock();
  }

  /** Adds the name of the previous segment, so that a reader notices a missing one. */
  #chained(line: JournalLine, name: string): JournalLine {
    if (line.event !== "segment_started") return line;
    return { ...line, segment: name, ...(this.#lastName !== "" && { after: this.#lastName }) };
  }

  #fail(error: unknown): void {
    const reason = (error as Error).message;
    if (this.#failure === undefined) this.#options.onTrouble(`cannot write to the journal: ${reason}; still recording`);
    this.#failure ??= { sinceMs: this.#options.clock.now(), reason };
  }

  async #closeSegment(): Promise<void> {
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#segment = undefined;
    await segment.close().catch((error: Error) => {
      this.#options.onTrouble(`the end of ${segment.path} may not have been saved to disk: ${error.message}`);
    });
    this.#tidy(() => gzipSegment(segment.path));
  }

  #tidy(work: () => Promise<void>): void {
    this.#tidying = this.#tidying.then(work).catch((error: Error) => {
      this.#options.onTrouble(`cannot clean up the journal: ${error.message}`);
    });
  }

  async #removeOld(): Promise<void> {
    const { keepMs, maxBytes, clock } = this.#options;
    const segments = await journalSegments(this.directory);
    const sizes = await Promise.all(segments.map(({ path }) => files.stat(path).then(({ size }) => size)));
    let bytes = sizes.reduce((sum, size) => sum + size, 0);
    const oldest = keepMs === undefined ? "" : segmentName(clock.now() - keepMs);
    // A segment ended when the next one began. The last one is still being written.
    for (const [index, next] of segments.entries()) {
      const segment = segments[index - 1];
      if (segment === undefined) continue;
      const isTooOld = next.name < oldest;
      if (!isTooOld && (maxBytes === undefined || bytes <= maxBytes)) break;
      await removeSegment(segment);
      bytes -= sizes[index - 1] ?? 0;
    }
  }
}

async function removeSegment({ path }: Segment): Promise<void> {
  const plain = path.replace(/\.gz$/, "");
  for (const file of [path, plain, `${plain}.torn`]) await files.rm(file, { force: true });
}

/** @returns the segments that still need to be gzipped */
async function repairDirectory(directory: string, onTrouble: (text: string) => void): Promise<string[]> {
  const names = new Set(await files.readdir(directory));
  const plain: string[] = [];
  for (const name of names) {
    const path = join(directory, name);
    if (name.endsWith(`.ndjson.gz${UNFINISHED}`) || name.endsWith(`.ndjson${UNFINISHED}`))
      await files.rm(path, { force: true });
    if (!name.endsWith(".ndjson")) continue;
    // It was gzipped completely, but the program ended before it removed the plain file.
    if (names.has(`${name}.gz`)) await files.rm(path, { force: true });
    else plain.push(path);
  }
  const left: string[] = [];
  for (const path of plain.sort()) {
    const torn = await repairSegment(path);
    if (torn > 0) onTrouble(`the last line of ${path} was incomplete: moved its ${torn} bytes to ${path}.torn`);
    if ((await files.stat(path)).size > 0) left.push(path);
    else {
      if (torn === 0) onTrouble(`${path} is empty: its content is lost`);
      await files.rm(path, { force: true });
    }
  }
  return left;
}

function ndjsonOf(lines: readonly JournalLine[]): string {
  let text = "";
  for (const line of lines) text += `${JSON.stringify(line)}\n`;
  return text;
}

/** The time in the name of a segment, in milliseconds since the epoch. */
function timeOfName(name: string): number {
  return Date.parse(name.replace(/T(\d\d)-(\d\d)-(\d\d)/, "T$1:$2:$3").slice(0, 24));
}
