/**
 * Bytes that arrive in pieces, held in one piece. A piece is copied, whatever its size: a server that sends single bytes would
 * else fill the memory with what Node holds for each of them, and to join them anew for each would take quadratic time.
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

  /** What arrived; holds until the next piece. */
  get view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets the first bytes. */
  drop(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
    this.#length -= count;
  }
}
