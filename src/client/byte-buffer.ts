/**
 * Joins pieces of bytes into one buffer. Each piece is copied: if they were kept, a server that sends single bytes would cost a
 * Buffer object for each; and if they were joined for each new piece, the time would be quadratic.
 */
export class ByteBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Uint8Array): void {
    const needed = this.#length + piece.byteLength;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = needed;
  }

  /** All bytes so far; valid until the next {@link append}. */
  get view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Removes the first bytes. */
  drop(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
    this.#length -= count;
  }
}
