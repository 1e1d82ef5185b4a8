/** Pieces of text in the order in which they are to be written. */
export type Pieces = AsyncIterable<string>;

/** Text is handed on in pieces of about this size: large enough to be fast, small enough for a reader to start. */
export const PIECE_CHARACTERS = 64 * 1024;

/** Puts lines together into pieces. */
export function* piecesOf(lines: Iterable<string>): Generator<string> {
  let piece = "";
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length >= PIECE_CHARACTERS) {
      yield piece;
      piece = "";
    }
  }
  if (piece !== "") yield piece;
}

/** Pieces whose first one is ready: a failure before it leaves no half document behind. */
export async function begun(pieces: AsyncGenerator<string>): Promise<Pieces> {
  const first = await pieces.next();
  return (async function* () {
    if (!first.done) yield first.value;
    yield* pieces;
  })();
}
