import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteBuffer } from "../../src/client/byte-buffer.js";

test("a byte buffer has what was appended, without what was dropped", () => {
  const step = fc.oneof(
    fc.record({ piece: fc.uint8Array({ maxLength: 40 }) }),
    fc.record({ drop: fc.nat({ max: 40 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const buffer = new ByteBuffer();
      let bytes: number[] = [];
      for (const step of steps) {
        if ("piece" in step) {
          buffer.append(step.piece);
          bytes.push(...step.piece);
        } else {
          const count = Math.min(step.drop, bytes.length);
          buffer.drop(count);
          bytes = bytes.slice(count);
        }
        expect(buffer.length).toBe(bytes.length);
        expect([...buffer.view]).toEqual(bytes);
      }
    }),
  );
});

test("it copies the pieces, and grows by doubling", () => {
  const buffer = new ByteBuffer();
  const piece = Uint8Array.of(1, 2, 3);
  buffer.append(piece);
  piece.fill(0);
  expect([...buffer.view]).toEqual([1, 2, 3]);
  const stores = new Set<ArrayBufferLike>();
  for (let i = 0; i < 10_000; i++) {
    buffer.append(Uint8Array.of(i % 256));
    stores.add(buffer.view.buffer);
  }
  expect(stores.size).toBeLessThan(20);
});
