import { escapeControls } from "../format/text/json-text.js";
import type { JournalLine } from "../journal/journal-line.js";
import type { Sink } from "../runtime/sink.js";

/** What a recorder writes its lines to. */
export interface Destination {
  /** Whether it is time for a new segment. */
  isDue(nowMs: number): boolean;
  /** Begins a segment with these lines. @returns whether they were written */
  begin(lines: readonly JournalLine[]): Promise<boolean>;
  /** @returns whether they were written: all or none */
  append(lines: readonly JournalLine[]): Promise<boolean>;
  close(): Promise<void>;
  /** Why nothing can be written, and since when. */
  readonly failure: { readonly sinceMs: number; readonly reason: string } | undefined;
}

/** A stream of lines, which is one segment. */
export class LineStream implements Destination {
  readonly failure = undefined;
  readonly #sink: Sink;
  #hasBegun = false;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  isDue(): boolean {
    return !this.#hasBegun;
  }

  begin(lines: readonly JournalLine[]): Promise<boolean> {
    this.#hasBegun = true;
    return this.append(lines);
  }

  async append(lines: readonly JournalLine[]): Promise<boolean> {
    let text = "";
    for (const line of lines) text += `${JSON.stringify(line)}\n`;
    // The output may be a terminal, so control characters are escaped.
    if (text !== "") await this.#sink.write(escapeControls(text));
    return true;
  }

  async close(): Promise<void> {}
}
