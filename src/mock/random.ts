/** Choices and ids that are the same for the same seed and key, whatever else was chosen before. */
export class Random {
  #state: number;

  /**
   * @param seed - of the whole run
   * @param key - what the choices are for, such as the place of a task in its scenario
   */
  constructor(seed: number, key: string) {
    // FNV-1a: spreads keys that differ in one character over all the states.
    let hash = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1);
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
    this.#state = hash >>> 0;
  }

  /** A number from 0 up to but without 1. */
  next(): number {
    return this.#bits() / 2 ** 32;
  }

  /** A UUID that looks like one of version 4. */
  uuid(): string {
    const a = this.#hex();
    const b = this.#hex();
    const c = this.#hex();
    const d = this.#hex();
    const variant = "89ab"[Number.parseInt(c.charAt(0), 16) & 3];
    return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
  }

  #hex(): string {
    return this.#bits().toString(16).padStart(8, "0");
  }

  /** Splitmix, 32 bits. */
  #bits(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return (bits ^ (bits >>> 15)) >>> 0;
  }
}
