import { Readable } from "node:stream";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { EngineRequest, EngineResponse } from "../../src/client/engine.js";
import {
  ClientClosedError,
  HttpStatusError,
  RequestAbortedError,
  RequestTimeoutError,
  type TaskManagerError,
  UnreachableError,
  UnreadableAnswerError,
} from "../../src/client/errors.js";
import {
  type InvalidRow,
  Transport,
  type TransportOptions,
  type TransportRequest,
} from "../../src/client/transport.js";
import { readTaskStats } from "../../src/client/wire.js";

const GET = { method: "GET", path: ["task_manager", "ttl"] } as const;
const TOKEN = "Bearer correct-horse-battery";
const MASK = "********";

type Reply = (request: EngineRequest) => Promise<EngineResponse>;

const replied =
  (body: string | Readable, status = 200, headers: EngineResponse["headers"] = {}): Reply =>
  async () => ({ status, headers, body: typeof body === "string" ? Readable.from([Buffer.from(body)]) : body });

const failing =
  (error: unknown): Reply =>
  () =>
    Promise.reject(error);

/** An engine that never answers, until its request is aborted. */
const silent: Reply = ({ signal }) =>
  new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));

function transportOver(reply: Reply, options: Partial<TransportOptions> = {}) {
  const sent: EngineRequest[] = [];
  const transport = new Transport({
    engine: {
      send: (request) => {
        sent.push(request);
        return reply(request);
      },
      close: async () => {},
    },
    origin: "http://n:10000",
    idleTimeoutMs: Number.POSITIVE_INFINITY,
    maxResponseBytes: 1024 * 1024,
    ...options,
  });
  const json = (request: TransportRequest = GET) => transport.json(request, (value) => value);
  const failure = async (request: TransportRequest = GET) => {
    const error = await json(request).then(
      (value) => JSON.stringify(value),
      (caught: unknown) => caught,
    );
    return error as TaskManagerError;
  };
  return { transport, sent, json, failure };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a request", () => {
  test("is sent with its path, its parameters, its headers and no body", async () => {
    const { json, sent } = transportOver(replied("7"), { prefix: "/n/1", headers: { authorization: TOKEN } });
    expect(await json({ ...GET, path: ["a b", "c/d"], query: { x: "1&2", y: undefined, z: "" } })).toBe(7);
    expect(sent).toEqual([
      {
        method: "GET",
        path: "/n/1/a%20b/c%2Fd?x=1%262&z=",
        headers: { accept: "application/json", authorization: TOKEN },
        body: undefined,
        signal: expect.any(AbortSignal),
        repeatable: true,
      },
    ]);
  });

  test("has its body as JSON", async () => {
    const { json, sent } = transportOver(replied("7"));
    await json({ method: "POST", path: ["x"], body: ["a"] });
    expect(sent[0]).toMatchObject({
      path: "/x",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: '["a"]',
    });
  });

  test.each<[TransportRequest, boolean]>([
    [GET, true],
    [{ ...GET, repeatable: false }, false],
    [{ ...GET, method: "POST" }, false],
    [{ ...GET, method: "POST", repeatable: true }, true],
  ])("%j may be repeated: %j", async (request, repeatable) => {
    const { json, sent } = transportOver(replied("7"));
    await json(request);
    expect(sent[0]?.repeatable).toBe(repeatable);
  });

  test("knows the origin that it is for", () => {
    expect(transportOver(replied("7")).transport.origin).toBe("http://n:10000");
  });

  test("is not sent if the client is closed, and fails if it is closed meanwhile", async () => {
    const closed = transportOver(replied("7"));
    await closed.transport.close();
    expect(await closed.failure()).toBeInstanceOf(ClientClosedError);
    expect(closed.sent).toEqual([]);
    const closing = transportOver(async () => {
      await closing.transport.close();
      throw new Error("the socket is gone");
    });
    expect(await closing.failure()).toBeInstanceOf(ClientClosedError);
  });
});

describe("an answer", () => {
  test("is JSON, and may not be empty", async () => {
    expect(await transportOver(replied(" [1] \n")).json()).toEqual([1]);
    const error = await transportOver(replied(" \n")).failure();
    expect(error).toBeInstanceOf(UnreadableAnswerError);
    expect(error.message).toMatch(/: the answer is empty$/);
  });

  test("may be empty where that is allowed", async () => {
    const read = async (text: string, status?: number) =>
      await transportOver(replied(text, status)).transport.optionalJson({ ...GET, method: "POST" }, (value) => [value]);
    expect(await read(" \n")).toEqual([undefined]);
    expect(await read("", 204)).toEqual([undefined]);
    expect(await read("7")).toEqual([7]);
    await expect(read("x")).rejects.toThrow(UnreadableAnswerError);
    await expect(transportOver(replied("{}")).transport.nothing(GET)).resolves.toBeUndefined();
    await expect(transportOver(replied("<html>")).transport.nothing(GET)).rejects.toThrow(UnreadableAnswerError);
    await expect(transportOver(replied(`${"[".repeat(65)}`)).transport.nothing(GET)).rejects.toThrow("nested");
  });

  test.each<[TransportRequest["method"], number, string]>([
    ["GET", 201, "201 Created"],
    ["GET", 204, "204 No Content"],
    ["POST", 202, "202 Accepted"],
    ["POST", 299, "299"],
  ])("to %s with status %i is unreadable, and its body is discarded", async (method, status, text) => {
    const body = Readable.from([Buffer.from("7")]);
    const error = await transportOver(replied(body, status)).failure({ ...GET, method });
    expect(error).toBeInstanceOf(UnreadableAnswerError);
    expect(error.message).toMatch(new RegExp(`: its status is ${text}, not 200$`));
    expect(body.destroyed).toBe(true);
  });

  test("may be as long as the limit, and no longer", async () => {
    const text = JSON.stringify("x".repeat(98));
    expect(await transportOver(replied(text), { maxResponseBytes: 100 }).json()).toHaveLength(98);
    expect((await transportOver(replied(text), { maxResponseBytes: 99 }).failure()).message).toMatch(
      /: it is larger than 99 bytes; raise the limit with --max-response$/,
    );
    const large = replied(" ".repeat(3 * 1024 * 1024));
    const limit = { maxResponseBytes: 1024 * 1024 };
    expect((await transportOver(large, limit).failure()).message).toContain("larger than 1 MB;");
    limit.maxResponseBytes *= 2;
    expect((await transportOver(large, limit).failure()).message).toContain("larger than 2 MB;");
  });

  test("with a wrong value is an error that names the value, without secrets", async () => {
    const { transport } = transportOver(replied(JSON.stringify({ type: 5 })));
    await expect(transport.json(GET, readTaskStats)).rejects.toThrow(
      "type of the task should be a string, not the number 5",
    );
    const headers = { authorization: TOKEN };
    const leaky = transportOver(replied(JSON.stringify({ shard: `no correct-horse-battery ${"x".repeat(99)}` })), {
      headers,
    });
    const error = await leaky.transport.json(GET, readTaskStats).catch((caught: unknown) => caught as Error);
    expect((error as Error).message).toContain(`not the string "no ${MASK} `);
    expect((error as Error).message).toContain('x..."');
    const broken = await transportOver(replied(`{"a": correct-horse-battery`), { headers }).failure();
    expect(broken).toBeInstanceOf(UnreadableAnswerError);
    expect(broken.message).not.toContain("horse");
  });
});

describe("a list", () => {
  const LIST = JSON.stringify([{ task_id: "a" }, { task_id: "--b" }, { task_id: "c" }]);

  async function rows(text: string | Readable, options: Partial<TransportOptions> = {}) {
    const read: unknown[] = [];
    const { transport } = transportOver(replied(text), options);
    for await (const batch of transport.array(GET, readTaskStats)) read.push(...batch);
    return read;
  }

  test("leaves out an invalid row, and reports it", async () => {
    const invalid: InvalidRow[] = [];
    const onInvalidRow = (row: InvalidRow) => invalid.push(row);
    expect(await rows(LIST, { onInvalidRow })).toEqual([{ task_id: "a" }, { task_id: "c" }]);
    expect(invalid).toEqual([
      {
        request: { method: "GET", origin: "http://n:10000", path: "/task_manager/ttl" },
        index: 1,
        reason: expect.stringMatching(/^task_id of element 1 of the answer should be an id .*, not the string "--b"$/),
      },
    ]);
    await expect(rows(LIST)).rejects.toThrow("task_id of element 1 of the answer should be an id");
    await expect(rows('[{"type": 5}]', { onInvalidRow })).rejects.toThrow("type of element 0 of the answer");
  });

  test("numbers its rows across chunks", async () => {
    const pieces = ['[{"task_id": "a"},', '{"task_id": "--b"}]'].map((piece) => Buffer.from(piece));
    await expect(rows(Readable.from(pieces))).rejects.toThrow("task_id of element 1 of the answer should be an id");
  });

  test("has a limit, and is closed if the caller stops reading", async () => {
    await expect(rows(LIST, { maxResponseBytes: 20 })).rejects.toThrow("larger than 20 bytes");
    const body = Readable.from([Buffer.from('[{"task_id": "a"},'), Buffer.from('{"task_id": "c"}]')]);
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, "removeEventListener");
    for await (const _ of transportOver(replied(body)).transport.array({ ...GET, signal }, readTaskStats)) break;
    expect(body.destroyed).toBe(true);
    expect(remove).toHaveBeenCalledWith("abort", expect.anything());
  });

  test("does not time out while its reader is busy", async () => {
    vi.useFakeTimers();
    const body = new Readable({ read() {} });
    const batches = transportOver(replied(body), { idleTimeoutMs: 1000 }).transport.array(GET, readTaskStats);
    body.push('[{"task_id": "a"},');
    expect((await batches.next()).value).toEqual([{ task_id: "a" }]);
    await vi.advanceTimersByTimeAsync(5000);
    body.push('{"task_id": "c"}]');
    body.push(null);
    expect((await batches.next()).value).toEqual([{ task_id: "c" }]);
    expect((await batches.next()).done).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("times out if it stops in the middle", async () => {
    vi.useFakeTimers();
    const body = new Readable({ read() {} });
    const reply: Reply = async ({ signal }) => {
      signal?.addEventListener("abort", () => body.destroy(new Error("aborted")));
      return { status: 200, headers: {}, body };
    };
    const batches = transportOver(reply, { idleTimeoutMs: 1000 }).transport.array(GET, readTaskStats);
    body.push('[{"task_id": "a"},');
    await batches.next();
    const failure = expect(batches.next()).rejects.toThrow("no answer from http://n:10000 within 1 s");
    await vi.advanceTimersByTimeAsync(1000);
    await failure;
  });
});

describe("a limit", () => {
  /** The error of a request without an answer, and when it came. */
  async function limited(options: Partial<TransportOptions>, request: Partial<TransportRequest>, reply = silent) {
    vi.useFakeTimers();
    const { failure } = transportOver(reply, options);
    let error: TaskManagerError | undefined;
    void failure({ ...GET, ...request }).then((caught) => {
      error = caught;
    });
    let ms = 0;
    while (error === undefined && ms < 10_000) {
      await vi.advanceTimersByTimeAsync(500);
      ms += 500;
    }
    return { error, ms, timers: vi.getTimerCount() };
  }

  test.each<[string, Partial<TransportOptions>, Partial<TransportRequest>, number]>([
    ["for silence", { idleTimeoutMs: 2000 }, {}, 2000],
    ["for a whole answer", { deadlineMs: 3000 }, {}, 3000],
    ["of the request", {}, { timeoutMs: 1500 }, 1500],
    ["that is the shortest", { idleTimeoutMs: 4000, deadlineMs: 3000 }, { timeoutMs: 3500 }, 3000],
    ["of a long request", { idleTimeoutMs: 2000, deadlineMs: 3000 }, { isLong: true, timeoutMs: 6000 }, 6000],
  ])("%s ends a request that nothing answers", async (_name, options, request, expected) => {
    const { error, ms, timers } = await limited(options, request);
    expect(error).toBeInstanceOf(RequestTimeoutError);
    expect(error?.message).toMatch(new RegExp(`^no answer from .* within ${expected / 1000} s`));
    expect(ms).toBe(expected);
    expect(timers).toBe(0);
  });

  test("does not apply to a long request, except its own", async () => {
    const { error, timers } = await limited({ idleTimeoutMs: 2000, deadlineMs: 3000 }, { isLong: true });
    expect(error).toBeUndefined();
    expect(timers).toBe(0);
  });

  test("longer than any timer is no limit", async () => {
    expect((await limited({ deadlineMs: 2 ** 31 }, {})).error).toBeUndefined();
    vi.useFakeTimers();
    void transportOver(silent, { deadlineMs: 2 ** 31 - 1 }).failure();
    expect(vi.getTimerCount()).toBe(1);
  });

  test("for silence also ends an answer of which only the head has arrived", async () => {
    const headOnly: Reply = async ({ signal }) => {
      const body = new Readable({ read() {} });
      signal?.addEventListener("abort", () => body.destroy(new Error("aborted")));
      return { status: 200, headers: {}, body };
    };
    const { error, ms } = await limited({ idleTimeoutMs: 2000 }, {}, headOnly);
    expect(error?.message).toMatch(/^no answer from http:\/\/n:10000 within 2 s/);
    expect(ms).toBe(2000);
  });

  test("for the whole answer ends one that arrives slowly, and the one for silence does not", async () => {
    const drip: Reply = async ({ signal }) => {
      const body = new Readable({ read() {} });
      const timer = setInterval(() => body.push(" "), 500);
      signal?.addEventListener("abort", () => {
        clearInterval(timer);
        body.destroy(new Error("aborted"));
      });
      return { status: 200, headers: {}, body };
    };
    const { error, ms } = await limited({ idleTimeoutMs: 1000, deadlineMs: 4000 }, {}, drip);
    expect(error?.message).toMatch(/^the answer from http:\/\/n:10000 did not end within 4 s/);
    expect(ms).toBe(4000);
  });
});

describe("the caller's signal", () => {
  test("ends the request, with its reason", async () => {
    const controller = new AbortController();
    const { failure } = transportOver(silent);
    const waiting = failure({ ...GET, signal: controller.signal });
    controller.abort("enough");
    expect(await waiting).toBeInstanceOf(RequestAbortedError);
    expect((await waiting).cause).toBe("enough");
  });

  test("that is already aborted sends nothing", async () => {
    const { failure, sent } = transportOver(failing(new Error("aborted")));
    expect(await failure({ ...GET, signal: AbortSignal.abort() })).toBeInstanceOf(RequestAbortedError);
    expect(sent).toEqual([]);
  });
});

describe("an error of the server", () => {
  const told = async (body: string, status = 400, headers: EngineResponse["headers"] = {}) => {
    const error = await transportOver(replied(body, status, headers), { headers: { authorization: TOKEN } }).failure();
    expect(error).toBeInstanceOf(HttpStatusError);
    const { serverMessage, body: kind, status: told } = error as HttpStatusError;
    expect(told).toBe(status);
    return [serverMessage, kind];
  };

  test.each<[string, string, string]>([
    ['{"message": "no such task", "code": 400}', "no such task", "scylla"],
    ['{"message": "no such task", "code": 500}', "no such task", "json"],
    ['{"code": 400}', '{"code": 400}', "json"],
    ["null", "null", "json"],
    [" \n", "", "json"],
    [" boom ", "boom", "foreign"],
    [`{"message": "${"x".repeat(4001)}", "code": 400}`, `${"x".repeat(4000)}...`, "scylla"],
    [JSON.stringify("x".repeat(4000)), `"${"x".repeat(3999)}...`, "json"],
    ["x".repeat(300), "x".repeat(300), "foreign"],
    ["x".repeat(301), `${"x".repeat(300)}...`, "foreign"],
    ["<html>hello", "an HTML page, so from a proxy and not from ScyllaDB", "foreign"],
    ["<!DOCTYPE html><TITLE> Nope </TITLE>", "an HTML page (Nope), so from a proxy and not from ScyllaDB", "foreign"],
    ["see <html>", "see <html>", "foreign"],
    ["no correct-horse-battery here", `no ${MASK} here`, "foreign"],
  ])("with the body %j", async (body, message, kind) => {
    expect(await told(body)).toEqual([message, kind]);
  });

  test("has the name of its status", async () => {
    expect((await transportOver(replied("", 503)).failure()).message).toMatch(/ answered 503 Service Unavailable$/);
    expect((await transportOver(replied("", 599)).failure()).message).toMatch(/ answered 599$/);
  });

  test.each([
    [300, true],
    [302, true],
    [399, true],
    [400, false],
  ])("with status %i and a location is a redirect: %j", async (status, isRedirect) => {
    const [message] = await told("text", status, { location: "http://other/" });
    expect(message).toBe(isRedirect ? "redirects to http://other/, which is not followed" : "text");
    expect(await told("text", status)).toEqual(["text", "foreign"]);
  });

  test("counts although its body breaks off, and an endless body is not read to the end", async () => {
    const half = new Readable({ read() {} });
    half.push("half");
    setImmediate(() => half.destroy(new Error("reset")));
    expect(await transportOver(replied(half, 500)).failure()).toMatchObject({ status: 500, serverMessage: "half" });
    let pieces = 0;
    const endless = new Readable({
      read() {
        pieces++;
        this.push(pieces > 100 ? null : Buffer.alloc(16 * 1024, "x"));
      },
    });
    expect(await transportOver(replied(endless, 500)).failure()).toMatchObject({ status: 500 });
    expect(pieces).toBeLessThan(20);
  });

  test("has a body that may arrive in pieces", async () => {
    const body = Readable.from(['{"message": "no ', 'such task", "code": 500}'].map((piece) => Buffer.from(piece)));
    expect(await transportOver(replied(body, 500)).failure()).toMatchObject({ serverMessage: "no such task" });
  });
});

describe("a connection that fails", () => {
  const because = async (properties: object, message = "it broke", headers = {}) =>
    (await transportOver(failing(Object.assign(new Error(message), properties)), {
      headers,
    }).failure()) as UnreachableError;

  test.each<[string, boolean, string]>([
    ["ECONNREFUSED", false, "connection refused: is ScyllaDB running there, and is this the port of its REST API?"],
    ["ECONNRESET", true, "the connection broke before the answer was complete"],
    ["UND_ERR_SOCKET", true, "the connection broke before the answer was complete"],
    ["EPIPE", true, "the connection broke before the request was sent"],
    ["ENOTFOUND", false, "no such host"],
    ["EAI_AGAIN", false, "the host name could not be resolved"],
    [
      "EMFILE",
      false,
      "too many open files and connections in this process; query fewer nodes at once (--concurrency), or raise `ulimit -n`",
    ],
    ["ENFILE", false, "too many open files and connections on this machine"],
    ["EHOSTUNREACH", false, "no route to the host"],
    ["ENETUNREACH", false, "no route to the network"],
    ["ETIMEDOUT", false, "the connection timed out"],
    ["UND_ERR_CONNECT_TIMEOUT", false, "the connection timed out"],
    ["CERT_HAS_EXPIRED", false, "it broke (CERT_HAS_EXPIRED)"],
    ["EWHATEVER", true, "it broke (EWHATEVER)"],
    ["", true, "it broke"],
  ])("with code %j may have been sent: %j", async (code, maybeSent, reason) => {
    const error = await because({ code });
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toBe(`cannot reach http://n:10000 (GET /task_manager/ttl): ${reason}`);
    expect(error).toMatchObject({ code, maybeSent, cause: { message: "it broke" } });
  });

  test("without a code has an empty one", async () => {
    expect(await because({})).toMatchObject({ code: "", maybeSent: true });
  });

  test.each([
    ["read", true],
    ["write", true],
    ["connect", false],
  ])("later than it was made, in %s, may have been sent: %j", async (syscall, maybeSent) => {
    const error = await because({ code: "ETIMEDOUT", syscall });
    expect(error.maybeSent).toBe(maybeSent);
    expect(error.message).toContain(maybeSent ? "the connection broke before the answer" : "the connection timed out");
    expect((await because({ code: "EWHATEVER", syscall })).message).toContain("it broke (EWHATEVER)");
  });

  test("is reported for the first address of a name", async () => {
    const refused = Object.assign(new Error("no"), { code: "ECONNREFUSED" });
    const { failure } = transportOver(failing(new AggregateError([refused, new Error("other")], "all")));
    expect(await failure()).toMatchObject({ code: "ECONNREFUSED" });
    expect((await transportOver(failing(new AggregateError([], "all"))).failure()).message).toContain("all");
  });

  test("in TLS has OpenSSL's words alone", async () => {
    const message = "C0FF:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl3_record.c:354:";
    expect((await because({}, message)).message).toMatch(/: TLS: wrong version number: does this port speak HTTPS\?$/);
  });

  test.each([[{ code: "HPE_INVALID_CONSTANT" }], [{ name: "HTTPParserError" }]])(
    "as it speaks no HTTP is unreadable: %j",
    async (properties) => {
      const error = await because(properties, "no correct-horse-battery", { authorization: TOKEN });
      expect(error).toBeInstanceOf(UnreadableAnswerError);
      expect(error.message).toMatch(/: it is not HTTP \(no \*{8}\)$/);
      expect(error.cause).toMatchObject({ message: "no correct-horse-battery" });
    },
  );

  test.each([new TypeError("a fault of ours"), new RangeError("another"), "no error at all"])(
    "for no reason of its own stays %s",
    async (error) => {
      const caught = await transportOver(failing(error)).failure();
      expect(caught).toBe(error);
    },
  );
});
