/** Pieces of text, in the order in which to write them. */
export type Pieces = AsyncIterable<string>;

/** The approximate size of a piece: large enough to be fast, small enough for a reader to start early. */
export const PIECE_CHARACTERS = 64 * 1024;

/** Joins lines into pieces. */
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

/** Waits for the first piece: an error before it leaves no partial document behind. */
export async function begun(pieces: AsyncGenerator<string>): Promise<Pieces> {
  const first = await pieces.next();
  return (async function* () {
    if (!first.done) yield first.value;
    yield* pieces;
  })();
}
