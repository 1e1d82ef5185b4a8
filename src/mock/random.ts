const UUID_TEMPLATE = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
/** Its time is around the end of 2024: the present time would make ids differ at every start. */
const TIME_UUID_TEMPLATE = "xxxxxxxx-xxxx-11ef-yxxx-xxxxxxxxxxxx";
const HEX = "0123456789abcdef";
/** A string put together from parts would take more memory, and each task keeps its id. */
const uuidBytes = Buffer.alloc(UUID_TEMPLATE.length);

/** Random choices and ids that depend only on seed and key, not on what was chosen before with other keys. */
export class Random {
  #state: number;
  /** A second hash of the key: with 32 bits alone, two of 100,000 ids would be the same. */
  readonly #mark: number;

  /**
   * @param seed - the seed of the mock
   * @param key - what the choices are for, such as a task of a scenario
   */
  constructor(seed: number, key: string) {
    // FNV-1a: spreads keys that differ in one character over all the states.
    let hash = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1);
    let mark = 0x2545f491 ^ seed;
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      hash = Math.imul(hash ^ code, 0x01000193);
      mark = Math.imul((mark << 5) ^ (mark >>> 27) ^ code, 0x5bd1e995);
    }
    this.#state = hash >>> 0;
    this.#mark = mark;
  }

  /** A number from 0 to 1, without 1. */
  next(): number {
    return this.#bits() / 2 ** 32;
  }

  /** A UUID that looks like one of version 4. */
  uuid(): string {
    return this.#filled(UUID_TEMPLATE);
  }

  /** A time UUID (version 1). */
  timeUuid(): string {
    return this.#filled(TIME_UUID_TEMPLATE);
  }

  #filled(template: string): string {
    let bits = 0;
    for (let i = 0; i < template.length; i++) {
      if (i % 8 === 0) bits = i < 24 ? this.#bits() : mixed(this.#bits() + this.#mark);
      const digit = bits & 15;
      bits >>>= 4;
      const mark = template[i];
      if (mark === "x") uuidBytes[i] = HEX.charCodeAt(digit);
      else if (mark === "y") uuidBytes[i] = HEX.charCodeAt(8 | (digit & 3));
      else uuidBytes[i] = template.charCodeAt(i);
    }
    return uuidBytes.toString("latin1");
  }

  /** Splitmix, 32 bits. */
  #bits(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return mixed(this.#state);
  }
}

function mixed(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}
