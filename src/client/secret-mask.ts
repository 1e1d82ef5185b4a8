/**
 * Masks the token, cookies and passwords of a request's headers in what a server answers: a server that repeats them, perhaps to
 * say that they are wrong, would otherwise put them on a terminal or into a log.
 *
 * Secrets are also found with the escapes of JSON and URLs, and in base64.
 */
export class SecretMask {
  readonly #secrets: readonly string[];
  readonly #forms: readonly string[];
  #pattern: RegExp | undefined;
  readonly #inData: readonly string[];
  readonly #shortInData: readonly string[];
  #dataPattern: RegExp | undefined;
  #shortPattern: RegExp | undefined;

  constructor(headers: Readonly<Record<string, string>> = {}) {
    const found = Object.entries(headers).flatMap(([name, value]) => secretsOf(name.toLowerCase(), value.trim()));
    const longestFirst = (words: Iterable<string>) =>
      [...new Set(words)].sort((one, other) => other.length - one.length);
    this.#secrets = longestFirst(found.map(({ text }) => text));
    const certain = longestFirst(found.filter(({ isCertain }) => isCertain).map(({ text }) => text));
    this.#inData = certain.filter((text) => text.length >= SHORTEST_IN_DATA);
    this.#shortInData = certain.filter((text) => text.length < SHORTEST_IN_DATA);
    this.#forms = this.#inData.flatMap((secret) => [secret, ...base64Forms(secret)]);
  }

  get isEmpty(): boolean {
    return this.#secrets.length === 0;
  }

  /** Masks the secrets in a text for a person. Call it before the text is cut. */
  clean(text: string): string {
    if (this.isEmpty) return text;
    this.#pattern ??= patternOf(this.#secrets);
    return text.replace(this.#pattern, MASK);
  }

  /** As {@link clean}, for text that was cut: also masks the beginning of a secret at its end. */
  cleanCutOff(text: string): string {
    const cleaned = this.clean(text);
    for (const secret of this.#secrets) {
      for (let length = secret.length - 1; length >= SHORTEST_PART; length--) {
        if (cleaned.endsWith(secret.slice(0, length))) return cleaned.slice(0, -length) + MASK;
      }
    }
    return cleaned;
  }

  /** Masks and then shortens what a server sent, for a message. */
  quote(what: string | Uint8Array, maxCharacters: number): string {
    const text = typeof what === "string" ? what : Buffer.from(what.subarray(0, MAX_LOOKED_AT)).toString("utf8");
    const cleaned = this.cleanCutOff(text.slice(0, MAX_LOOKED_AT));
    return cleaned.length > maxCharacters ? `${cleaned.slice(0, maxCharacters)}...` : cleaned;
  }

  /** Masks the secrets in a server's JSON: long ones everywhere, short ones only after words such as `token`. */
  cleanData(json: string): string {
    let cleaned = json;
    if (this.#forms.some((form) => json.includes(form)) || this.#mayBeEscapedIn(json)) {
      this.#dataPattern ??= patternOf(this.#inData);
      cleaned = cleaned.replace(this.#dataPattern, maskInJson);
    }
    if (this.#shortInData.some((secret) => cleaned.includes(secret))) {
      this.#shortPattern ??= shortPatternOf(this.#shortInData);
      cleaned = cleaned.replace(this.#shortPattern, maskInJson);
    }
    return cleaned;
  }

  /** The pattern that finds escaped secrets is slow, and escapes are rare. */
  #mayBeEscapedIn(json: string): boolean {
    if (this.#inData.length === 0) return false;
    return json.includes("\\") || json.includes("%");
  }
}

const MASK = "********";

/** The mask, after a second backslash if a single one is left before it: `\*` would be no JSON. */
function maskInJson(_secret: string, offset: number, json: string): string {
  let backslashes = 0;
  while (json[offset - backslashes - 1] === "\\") backslashes++;
  return backslashes % 2 === 0 ? MASK : `\\${MASK}`;
}

/** How much of an answer is masked before a part of it is quoted: more than the longest secret. */
const MAX_LOOKED_AT = 32 * 1024;
/** A shorter secret might be an ordinary word of the data, such as a name. */
const SHORTEST_IN_DATA = 8;
/** A shorter secret is masked only as a whole word. */
const SHORTEST_IN_WORDS = 6;
const SHORTEST_SECRET = 3;
const SHORTEST_PART = 4;

interface Secret {
  readonly text: string;
  /** Whether its header is known to hold secrets. */
  readonly isCertain: boolean;
}

function secretsOf(header: string, value: string): Secret[] {
  const certain = (texts: readonly string[]) =>
    texts.filter((text) => text.length >= SHORTEST_SECRET).map((text) => ({ text, isCertain: true }));
  if (/^(proxy-)?authorization$/.test(header)) {
    const credentials = value.replace(/^[A-Za-z][A-Za-z0-9-]*[ ]+/, "");
    // One or two characters are masked only together with their scheme.
    const whole = credentials.length < SHORTEST_SECRET ? [value] : [];
    return certain([credentials, ...whole, ...(/^basic /i.test(value) ? passwordsIn(credentials) : [])]);
  }
  if (header === "cookie") {
    const pairs = value.split(/;[ ]*/);
    return certain([
      value,
      ...pairs.flatMap((pair) => [pair, pair.slice(pair.indexOf("=") + 1).replace(/^"|"$/g, "")]),
    ]);
  }
  const parts = [value, value.split(" ").at(-1) ?? ""];
  if (/token|secret|key|auth|passw|session|credential|cookie/.test(header)) return certain(parts);
  return parts.filter((text) => text.length >= SHORTEST_IN_WORDS).map((text) => ({ text, isCertain: false }));
}

/** The user with the password, and the password alone, of the scheme `Basic`. */
function passwordsIn(credentials: string): string[] {
  const decoded = Buffer.from(credentials, "base64").toString("utf8");
  return [decoded, decoded.slice(decoded.indexOf(":") + 1)];
}

/**
 * A secret in base64. Its characters depend on where in the encoded text it begins, modulo 3; those at its ends, which also depend
 * on the bytes next to it, are left out.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8");
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
}

function patternOf(secrets: readonly string[]): RegExp {
  const alternatives = secrets.flatMap((secret) => {
    const pattern = [...secret].map(characterPattern).join("");
    const whole = secret.length < SHORTEST_IN_WORDS ? `(?<![A-Za-z0-9'])${pattern}(?![A-Za-z0-9])` : pattern;
    return [whole, ...base64Forms(secret).map(base64Pattern)];
  });
  return new RegExp(alternatives.join("|"), "g");
}

/** A short secret may be part of any name, so it is only masked after one of these words. */
function shortPatternOf(secrets: readonly string[]): RegExp {
  const words = "token|bearer|basic|password|passwd|secret|key|cookie|session|credentials?|authorization";
  const patterns = secrets.map((secret) => [...secret].map(characterPattern).join(""));
  return new RegExp(`(?<=(?:${words})[^A-Za-z0-9]{1,5})(?:${patterns.join("|")})(?![A-Za-z0-9])`, "gi");
}

/** Matches a character as it is, or as JSON, JSON within JSON (three times), or a URL escapes it. */
function characterPattern(character: string): string {
  const code = character.codePointAt(0) as number;
  const itself = character.replace(/[\\^$.*+?()[\]{}|/"-]/, "\\$&");
  if (code > 0x7f) return itself;
  const hex = code
    .toString(16)
    .padStart(2, "0")
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
  // The escaped forms come first, so that the whole of one is masked. Each JSON doubles the backslashes, and adds one to a quote.
  const doubled = character === "\\" ? "\\\\{8}|\\\\{4}|\\\\{2}|" : "";
  const escaped = /["/]/.test(character) ? `(?:\\\\{7}|\\\\{3}|\\\\)${itself}|` : doubled;
  const plus = character === " " ? "|\\+" : "";
  return `(?:${escaped}${itself}|(?:\\\\{4}|\\\\{2}|\\\\)u00${hex}|%${hex}${plus})`;
}

/** Matches both alphabets of base64. */
function base64Pattern(form: string): string {
  return form.replace(/[+/]/g, (character) => (character === "+" ? "[+-]" : "(?:\\\\?/|_)"));
}

export const NO_SECRETS = new SecretMask();
