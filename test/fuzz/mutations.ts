import fc from "fast-check";
import { hostileText } from "../fixtures/hostile-tasks.js";
import type { RawAnswer } from "./raw-server.js";

/** The secret that every request carries, and that a hostile server may send back in any form. */
export const TOKEN = 's3cr3t/T0ken"with+quotes==';

/** What a hostile server does to one answer: to the value, to its text, to the bytes of HTTP. */
export interface Mutation {
  readonly value: readonly ValueEdit[];
  readonly text: TextEdit;
  readonly http: HttpEdit;
}

interface ValueEdit {
  /** Which of the places in the value, modulo their number. */
  readonly at: number;
  readonly to: unknown;
}

type TextEdit =
  | { readonly kind: "none" }
  | { readonly kind: "cut"; readonly part: number }
  | { readonly kind: "insert"; readonly part: number; readonly text: string }
  | { readonly kind: "repeat"; readonly times: number }
  | { readonly kind: "replace"; readonly text: string };

interface HttpEdit {
  readonly status: number;
  readonly headers: readonly string[];
  readonly length: "right" | "short" | "long" | "chunked" | "cut chunked" | "none";
  readonly after: RawAnswer["after"];
  readonly noise: string;
}

const REMOVED = Symbol("removed");

const scalar = fc.oneof(
  hostileText,
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    1e308,
    2 ** 53,
    "--help",
    "--proxy-command=false",
    "-",
    "running",
    "done",
    "constructor",
    "__proto__",
    "127.0.0.1",
    "0.0.0.0",
    "../../x",
    "a\nwarning: b",
    "\u001b[2J",
    "00000000-0000-0000-0000-000000000000",
    TOKEN,
    `x${JSON.stringify(TOKEN)}`,
    encodeURIComponent(TOKEN),
  ),
  fc.integer({ min: 300, max: 20_000 }).map((length) => "é\u001b".repeat(length)),
);

const deep = fc.integer({ min: 10, max: 20_000 }).map((depth) => `${"[".repeat(depth)}1${"]".repeat(depth)}`);

const newValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: scalar },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 2, arbitrary: fc.constant(REMOVED) },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 4 }) },
);

const textEdit: fc.Arbitrary<TextEdit> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<TextEdit>({ kind: "none" }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("cut" as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("insert" as const),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      text: fc.oneof(hostileText, fc.constantFrom(TOKEN, ",", "]", "}", "{", "[", '"', "\\", "0")),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("repeat" as const), times: fc.integer({ min: 2, max: 2000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("replace" as const),
      text: fc.oneof(
        hostileText,
        deep,
        fc.constantFrom(
          "",
          "{}",
          "[]",
          "null",
          '{"status":"ok"}',
          `<html>Authorization: Bearer ${TOKEN}</html>`,
          `{"message":"bad token ${TOKEN.replaceAll('"', '\\"')}","code":400}`,
          `${"x".repeat(295)}${TOKEN}`,
        ),
      ),
    }),
  },
);

const httpEdit: fc.Arbitrary<HttpEdit> = fc.record({
  status: fc.oneof(
    { weight: 6, arbitrary: fc.constant(200) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(100, 101, 201, 202, 204, 206, 301, 304, 400, 401, 403, 404, 408, 429, 500, 502, 503),
    },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 999 }) },
  ),
  headers: fc.array(
    fc.constantFrom(
      "Content-Type: text/html",
      "Content-Type: application/json; charset=utf-16",
      "Content-Encoding: gzip",
      "Location: http://127.0.0.2:1/",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Connection: close",
      `X-Echo: ${TOKEN}`,
      `Set-Cookie: token=${TOKEN}`,
      "Retry-After: 1",
      "Transfer-Encoding: identity",
      "Content-Length: 3",
    ),
    { maxLength: 2 },
  ),
  length: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("right" as const, "chunked" as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom("short" as const, "long" as const, "cut chunked" as const, "none" as const),
    },
  ),
  after: fc.constantFrom("keep" as const, "keep" as const, "end" as const, "reset" as const),
  noise: fc.oneof(
    { weight: 12, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constantFrom("\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "SSH-2.0-x\r\n", `${TOKEN}\r\n`) },
  ),
});

/** Mutations, from none to a server that speaks no HTTP. */
export const mutation: fc.Arbitrary<Mutation> = fc.record({
  value: fc.array(fc.record({ at: fc.nat(200), to: newValue }), { maxLength: 3 }),
  text: textEdit,
  http: httpEdit,
});

/** Everything honest. */
export const NO_MUTATION: Mutation = {
  value: [],
  text: { kind: "none" },
  http: { status: 200, headers: [], length: "right", after: "keep", noise: "" },
};

/** The text of an answer, mutated. @param value `undefined` is an empty answer */
export function mutatedText(value: unknown, { value: edits, text: edit }: Mutation): string {
  let mutated = value;
  for (const one of edits) mutated = withEdit(mutated, one);
  const text = mutated === undefined || mutated === REMOVED ? "" : JSON.stringify(mutated);
  switch (edit.kind) {
    case "none":
      return text;
    case "cut":
      return text.slice(0, Math.floor(text.length * edit.part));
    case "insert": {
      const at = Math.floor(text.length * edit.part);
      return text.slice(0, at) + edit.text + text.slice(at);
    }
    case "repeat":
      return text.length * edit.times > LONGEST_TEXT ? text : text.repeat(edit.times);
    case "replace":
      return edit.text;
  }
}

/** What several edits repeat, one after the other, would else be longer than a string can be. */
const LONGEST_TEXT = 200_000_000;

/** Puts another value into one place of a value, or takes the place away. */
function withEdit(root: unknown, { at, to }: ValueEdit): unknown {
  const copy: unknown = root === undefined || root === REMOVED ? root : structuredClone(root);
  const places: (() => void)[] = [];
  let replaced = copy;
  places.push(() => {
    replaced = to;
  });
  const visit = (holder: Record<string, unknown> | unknown[]) => {
    for (const key of Object.keys(holder)) {
      const inner = holder as Record<string, unknown>;
      places.push(() => {
        if (to !== REMOVED) inner[key] = to;
        else if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete inner[key];
      });
      const value = inner[key];
      if (typeof value === "object" && value !== null) visit(value as Record<string, unknown>);
    }
  };
  if (typeof copy === "object" && copy !== null) visit(copy as Record<string, unknown>);
  places[at % places.length]?.();
  return replaced;
}

/** The bytes of an answer. */
export function answerBytes(text: string, { http }: Mutation): RawAnswer {
  const body = Buffer.from(text);
  const { status, headers, length, after, noise } = http;
  const lines = [`HTTP/1.1 ${status} Some Reason`, "Server: Seastar httpd", ...headers];
  if (!headers.some((header) => header.startsWith("Content-Type"))) lines.push("Content-Type: application/json");
  const chunked = length === "chunked" || length === "cut chunked";
  if (chunked) lines.push("Transfer-Encoding: chunked");
  else if (length !== "none") {
    const wrong = length === "short" ? -Math.ceil(body.length / 3) : length === "long" ? 7 : 0;
    lines.push(`Content-Length: ${body.length + wrong}`);
  }
  const head = Buffer.from(`${noise}${lines.join("\r\n")}\r\n\r\n`);
  const bytes = Buffer.concat([head, chunked ? chunks(body, length === "chunked") : body]);
  // What a client waits for without end would only cost the time limit of each case.
  const isInterim = status < 200;
  const mustEnd = isInterim || (length !== "right" && length !== "chunked");
  return { bytes, after: mustEnd && after === "keep" ? "end" : after };
}

function chunks(body: Buffer, isWhole: boolean): Buffer {
  const half = Math.ceil(body.length / 2);
  const parts = [body.subarray(0, half), body.subarray(half)].filter(({ length }) => length > 0);
  const written = parts.map((part) =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]),
  );
  return Buffer.concat([...written, Buffer.from(isWhole ? "0\r\n\r\n" : "")]);
}
