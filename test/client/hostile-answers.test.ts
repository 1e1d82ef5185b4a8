import { Readable } from "node:stream";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type ConnectOptions, connectOver } from "../../src/client/connect.js";
import type { Engine } from "../../src/client/engine.js";
import {
  isTaskManagerError,
  RequestTimeoutError,
  UnreachableError,
  UnreadableAnswerError,
} from "../../src/client/errors.js";
import { createHttpEngine } from "../../src/client/http-engine.js";
import { TaskManagerClient } from "../../src/client/task-manager.js";
import { type InvalidRow, Transport } from "../../src/client/transport.js";
import { type Answer, jsonAnswer, scriptedServer, textAnswer } from "../fixtures/scripted-server.js";
import { until } from "../fixtures/wait-servers.js";

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";
const TOKEN = "s3cr3t-t0k3n-of-nobody";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0).reverse()) await end();
});

async function clientFor(answer: Answer, options: Partial<ConnectOptions> = {}): Promise<TaskManagerClient> {
  const server = await scriptedServer(answer);
  const client = await connectOver(createHttpEngine, { url: server.url, ...options });
  ends.push(server.stop, () => client.close());
  return client;
}

/** A client whose answers come from a function, for those that a real server would need long to send. */
function clientOver(
  send: Engine["send"],
  options: { maxResponseBytes?: number; deadlineMs?: number; headers?: Record<string, string> } = {},
) {
  const engine: Engine = { send, close: async () => {} };
  const limits = { idleTimeoutMs: 10_000, maxResponseBytes: 512 * 1024 * 1024, ...options };
  return new TaskManagerClient(new Transport({ engine, origin: "http://n:10000", ...limits }));
}

/** A client, and a function that sends it an answer piece by piece; `null` ends the answer. */
function clientOfDrips(options: { deadlineMs?: number }) {
  const body = new Readable({ read() {} });
  const client = clientOver(async ({ signal }) => {
    signal?.addEventListener("abort", () => body.destroy(new Error("aborted")));
    return { status: 200, headers: {}, body };
  }, options);
  const send = async (...pieces: (string | null)[]) => {
    for (const piece of pieces) if (!body.destroyed) body.push(piece);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { client, send };
}

const listOf = (client: TaskManagerClient): Promise<unknown> => client.listModuleTasks("m");
const statusOf = (client: TaskManagerClient): Promise<unknown> => client.taskStatus(ID);

const answering =
  (body: Iterable<Buffer> | AsyncIterable<Buffer>): Engine["send"] =>
  async () => ({ status: 200, headers: {}, body: Readable.from(body, { objectMode: true }) });

function* repeated(text: string, times: number, before = "", after = ""): Generator<Buffer> {
  yield Buffer.from(before);
  for (let index = 0; index < times; index++) yield Buffer.from(text);
  yield Buffer.from(after);
}

const BAD_IDS = [
  `--proxy-command=touch${"$"}{IFS}planted;false`,
  "--help",
  "-",
  "",
  "a b",
  "a\nb",
  "../x",
  "é",
  "x".repeat(129),
];

describe("an id in an answer", () => {
  test.each(BAD_IDS)("is refused if it is %j", async (id) => {
    const status = await clientFor(jsonAnswer({ id, state: "done" }));
    await expect(status.taskStatus(ID)).rejects.toThrow(UnreadableAnswerError);
    const child = await clientFor(jsonAnswer({ id: ID, children_ids: [{ task_id: id, node: "10.0.0.1" }] }));
    await expect(child.taskStatus(ID)).rejects.toThrow("should be an id");
    const list = await clientFor(jsonAnswer([{ task_id: ID }, { task_id: id }]));
    await expect(list.listModuleTasks("m")).rejects.toThrow("task_id of element 1 of the answer should be an id");
  });

  test("may have every form of real ids", async () => {
    for (const id of [ID, ID.toUpperCase(), ID.replaceAll("-", ""), "a_1", "x".repeat(128)]) {
      const client = await clientFor(jsonAnswer([{ task_id: id }]));
      expect(await client.listModuleTasks("m")).toEqual([{ task_id: id }]);
    }
  });

  test("that is invalid leaves out only its row of a list, if that can be reported", async () => {
    const rows: InvalidRow[] = [];
    const answer = jsonAnswer([{ task_id: "a" }, { task_id: "--help" }, { task_id: "b" }]);
    const client = await clientFor(answer, { onInvalidRow: (row) => rows.push(row) });
    expect(await client.listModuleTasks("m")).toEqual([{ task_id: "a" }, { task_id: "b" }]);
    expect(rows).toMatchObject([
      {
        index: 1,
        request: { path: "/task_manager/list_module_tasks/m" },
        reason:
          'task_id of element 1 of the answer should be an id (letters, digits, - and _, at most 128 characters), not the string "--help"',
      },
    ]);
  });

  test.each(["-x", "--url=http://x", "a --help", "a\n-x"])(
    "does not stand beside a keyspace or table named %j",
    async (name) => {
      for (const field of ["keyspace", "table"]) {
        const rows: InvalidRow[] = [];
        const answer = jsonAnswer([
          { task_id: "a", [field]: name },
          { task_id: "b", keyspace: "a-b", table: "" },
        ]);
        const client = await clientFor(answer, { onInvalidRow: (row) => rows.push(row) });
        expect(await client.listModuleTasks("m")).toEqual([{ task_id: "b", keyspace: "a-b", table: "" }]);
        expect(rows[0]?.reason).toContain(
          `${field} of element 0 of the answer should be a name (without words that begin with -)`,
        );
        const status = await clientFor(jsonAnswer({ id: ID, [field]: name }));
        await expect(status.taskStatus(ID)).rejects.toThrow(UnreadableAnswerError);
      }
    },
  );

  test("has the same rules as names of modules, keyspaces and tables, which commands take, too", async () => {
    const names = ["compaction", "--help", "a b", "alternator_x-1", "t!:index"];
    const client = await clientFor(jsonAnswer(names), { onInvalidRow: () => {} });
    expect(await client.listModules()).toEqual(["compaction", "alternator_x-1", "t!:index"]);
    expect(await client.keyspaces()).toEqual(["compaction", "alternator_x-1", "t!:index"]);
    const tables = await clientFor(
      jsonAnswer([
        { ks: "ks", cf: "-t" },
        { ks: "ks", cf: "t", type: "x" },
      ]),
      {
        onInvalidRow: () => {},
      },
    );
    expect(await tables.tables()).toEqual([{ ks: "ks", cf: "t", type: "x" }]);
  });
});

describe("the answer of a wait", () => {
  test("is the status of the task that was asked for, whatever its id looks like", async () => {
    const client = await clientFor(jsonAnswer({ id: ID.toUpperCase().replaceAll("-", ""), state: "done" }));
    expect(await client.waitTask(ID)).toMatchObject({ state: "done" });
    await expect(client.waitTask(ID.replace("5", "6"))).rejects.toThrow(
      `the task of the answer should be ${ID.replace("5", "6")}, not the string`,
    );
  });

  test.each([202, 201, 206, 299])("is unreadable with the status %i, as all answers are", async (status) => {
    const client = await clientFor(jsonAnswer({ id: ID, state: "done" }, status));
    for (const call of [
      () => client.waitTask(ID),
      () => client.taskStatus(ID),
      () => client.abortTask(ID),
      () => client.startCleanup("ks"),
    ]) {
      await expect(call()).rejects.toThrow(`its status is ${status}`);
      await expect(call()).rejects.toThrow(UnreadableAnswerError);
    }
    await expect(client.listModuleTasks("m")).rejects.toThrow(UnreadableAnswerError);
  });

  test("may be empty for an abort", async () => {
    const client = await clientFor(textAnswer("", 204));
    await client.abortTask(ID);
    await expect(client.waitTask(ID)).rejects.toThrow("its status is 204 No Content");
  });
});

describe("an answer without end", () => {
  test("ends at --max-response, and the error says so", async () => {
    const megabyte = ` ${"x".repeat(1024 * 1024 - 4)}`;
    const endless = function* () {
      yield Buffer.from("[");
      for (;;) yield Buffer.from(`"${megabyte}",`);
    };
    const client = clientOver(answering(endless()), { maxResponseBytes: 40 * 1024 * 1024 });
    await expect(client.liveEndpoints()).rejects.toThrow("the answer does not end");
    const batches = clientOver(answering(repeated(`{"task_id":"a","type":"${megabyte}"},`, 100, "[")), {
      maxResponseBytes: 40 * 1024 * 1024,
    }).streamModuleTasks("m");
    const read = async () => {
      for await (const batch of batches) expect(batch).toHaveLength(1);
    };
    await expect(read()).rejects.toThrow("it is larger than 40 MB; raise the limit with --max-response");
  });

  test("ends at the deadline, also if it arrives slowly", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    for (const read of [listOf, statusOf]) {
      const { client, send } = clientOfDrips({ deadlineMs: 60 });
      const end = expect(read(client)).rejects.toThrow("did not end within 0.06 s");
      await send("[");
      for (let ms = 0; ms < 60; ms += 5) {
        await send(" ");
        vi.advanceTimersByTime(5);
      }
      await end;
    }
  });

  test("has no deadline in a wait", async () => {
    let finish: (() => void) | undefined;
    const client = await clientFor(
      (request, response) => {
        if (request.url?.includes("wait_task")) {
          finish = () => jsonAnswer({ id: ID, state: "done" })(request, response);
        }
      },
      { deadlineMs: 40, idleTimeoutMs: 40 },
    );
    const waiting = client.waitTask(ID);
    await until(() => finish !== undefined);
    await expect(client.taskStatus(ID)).rejects.toThrow(RequestTimeoutError);
    finish?.();
    expect(await waiting).toMatchObject({ state: "done" });
  });

  test("does not time out while its reader is busy", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { client, send } = clientOfDrips({});
    const ids: unknown[] = [];
    void send('[{"task_id":"a"},');
    for await (const batch of client.streamModuleTasks("m")) {
      ids.push(...batch.map(({ task_id }) => task_id));
      if (ids.length > 1) continue;
      // The reader takes longer than the limit for silence.
      vi.advanceTimersByTime(60_000);
      void send('{"task_id":"b"}]', null);
    }
    expect(ids).toEqual(["a", "b"]);
  });
});

describe("deep and wide answers", () => {
  const DEEP = 30_000_000;
  const brackets = "[".repeat(1024 * 1024);

  test("are refused before they fill the memory", async () => {
    const before = process.memoryUsage().rss;
    const times = Math.floor(DEEP / brackets.length);
    const deep = () => clientOver(answering(repeated(brackets, times)));
    await expect(deep().taskStatus(ID)).rejects.toThrow("nested more than 64 levels deep");
    await expect(deep().abortTask(ID)).rejects.toThrow("nested more than 64 levels deep");
    await expect(deep().ttl()).rejects.toThrow("nested more than 64 levels deep");
    const list = () => clientOver(answering(repeated(brackets, 12, '[{"task_id":"a","x":', "")));
    await expect(list().listModuleTasks("m")).rejects.toThrow(UnreadableAnswerError);
    const closed = clientOver(
      answering(
        repeated("", 0, `[{"task_id":"a","x":${brackets.slice(0, 4e5)}${"]".repeat(4e5)}},`, '{"task_id":"b"}]'),
      ),
    );
    await expect(closed.listModuleTasks("m")).rejects.toThrow("nested more than 64 levels deep");
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
  });

  test("are refused in each unknown field of a row, too", async () => {
    const deep = `${"[".repeat(100)}${"]".repeat(100)}`;
    const client = await clientFor(textAnswer(`[{"task_id":"a","x":${deep}}]`));
    await expect(client.listModuleTasks("m")).rejects.toThrow("should be nested at most 64 levels deep");
  });

  test("are refused if they have ten million empty objects", async () => {
    const wide = clientOver(answering(repeated("{},".repeat(350_000), 20, '{"x":[', "{}]}")));
    await expect(wide.taskStatus(ID)).rejects.toThrow("has more than 2000000 values in one");
  });

  test("are refused if they have thousands of invalid rows", async () => {
    const rows = answering(repeated('{"task_id":"--help"},'.repeat(1000), 1000, "["));
    const transport = new Transport({
      engine: { send: rows, close: async () => {} },
      origin: "http://n:10000",
      idleTimeoutMs: 10_000,
      maxResponseBytes: 512 * 1024 * 1024,
      onInvalidRow: () => {},
    });
    const list = new TaskManagerClient(transport).listModuleTasks("m");
    await expect(list).rejects.toThrow("more than 10000 of its rows are invalid");
  });

  test("are refused if a list of names has millions", async () => {
    const names = clientOver(answering(repeated('"a",'.repeat(100_000), 1000, "[")));
    await expect(names.listModules()).rejects.toThrow("it takes more than 32 MB of memory");
  });

  test("take linear time, also if an element arrives in single bytes", async () => {
    const text = `[{"task_id":"a","error":"${"x".repeat(300_000)}"}]`;
    const single = async function* () {
      for (let index = 0; index < text.length; index++) yield Buffer.from(text.slice(index, index + 1));
    };
    const [task] = await clientOver(answering(single())).listModuleTasks("m");
    expect(task?.error).toHaveLength(300_000);
  });

  test("may have fields with names of properties of Object", async () => {
    const client = await clientFor(textAnswer('[{"task_id":"a","constructor":1,"toString":"x","__proto__":2}]'));
    const [task] = await client.listModuleTasks("m");
    expect(Object.keys(task ?? {})).toEqual(["task_id", "constructor", "toString", "__proto__"]);
  });
});

describe("an answer", () => {
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom("", "--help", ID, TOKEN, `Bearer ${TOKEN}`, null, 0, -1, 1e308, true),
      fc.string({ unit: "binary" }),
      fc.array(tie("any"), { maxLength: 4 }),
      fc.dictionary(
        fc.constantFrom(
          "id",
          "task_id",
          "state",
          "children_ids",
          "node",
          "parent_id",
          "tablet_task_id",
          "__proto__",
          "x",
        ),
        tie("any"),
      ),
    ),
  })).any;
  const body = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    value.map((each) => Buffer.from(JSON.stringify(each))),
    fc.tuple(value, fc.nat(200), fc.string({ unit: "binary", maxLength: 3 })).map(([each, at, inserted]) => {
      const text = JSON.stringify(each);
      return Buffer.from(text.slice(0, at) + inserted + text.slice(at + 1));
    }),
  );

  test("of any bytes is read, or is one error without secrets", async () => {
    await fc.assert(
      fc.asyncProperty(
        body,
        fc.constantFrom(200, 200, 200, 202, 302, 400, 500),
        fc.nat(9),
        async (bytes, status, cut) => {
          const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
          const send: Engine["send"] = async () => ({
            status,
            headers: { location: `http://${TOKEN}/` },
            body: Readable.from(pieces, { objectMode: true }),
          });
          const client = clientOver(send, { headers: { authorization: `Bearer ${TOKEN}` } });
          const ids: (string | undefined)[] = [];
          for (const call of [
            () => client.taskStatus(ID).then(({ id }) => ids.push(id)),
            () => client.waitTask(ID).then(({ id }) => ids.push(id)),
            () => client.listModuleTasks("m").then((tasks) => ids.push(...tasks.map(({ task_id }) => task_id))),
            () => client.taskStatusRecursive(ID).then((tasks) => ids.push(...tasks.map(({ id }) => id))),
            () => client.startCleanup("ks").then((id) => ids.push(id)),
            () => client.taskStatus(ID),
            () => client.listModuleTasks("m"),
            () => client.listModules(),
            () => client.tables(),
            () => client.ttl(),
            () => client.abortTask(ID),
            () => client.startTabletRepair({ keyspace: "ks", table: "t", tokens: "all" }),
            () => client.tabletMigration("ks"),
          ] as (() => Promise<unknown>)[]) {
            const answer = await call().catch((error: unknown) => error);
            if (answer instanceof Error && !isTaskManagerError(answer)) throw answer;
            const shown = answer instanceof Error ? answer.message : (JSON.stringify(answer) ?? "");
            expect(shown).not.toContain(TOKEN);
          }
          for (const id of ids) expect(id ?? "absent").toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("a server that repeats the token", () => {
  const headers = { authorization: `Bearer ${TOKEN}`, cookie: "session=c00kie-value" };
  const half = TOKEN.slice(0, 12);

  test.each<[string, Answer]>([
    ["in an error", jsonAnswer({ message: `bad token ${TOKEN}`, code: 401 }, 401)],
    ["in an error of text", textAnswer(`${"x".repeat(290)}${TOKEN}`, 500)],
    ["in an error that is cut off", textAnswer(`bad ${TOKEN}`.slice(0, -3), 401)],
    ["in a page", textAnswer(`<html><title>${TOKEN}</title>`, 502)],
    ["in a redirect", textAnswer("", 302, { location: `http://x/?t=${TOKEN}` })],
    ["in an answer that is not JSON", textAnswer(`${TOKEN} is wrong`)],
    ["in an answer whose fault is near", textAnswer(`{"a": ${TOKEN}`)],
    ["in an answer with the fault in its midst", textAnswer(`{"a": "${TOKEN}" "b"}`)],
    ["in an array where none should be", textAnswer(`"${TOKEN}"`)],
    [
      "in a value of the wrong type",
      jsonAnswer({ state: { x: TOKEN }, error: TOKEN, shard: `${"y".repeat(50)}${TOKEN}` }),
    ],
    ["as an id", jsonAnswer([{ task_id: `-${TOKEN}` }])],
    ["in base64", jsonAnswer({ message: Buffer.from(`Bearer ${TOKEN}`).toString("base64"), code: 401 }, 401)],
    ["as the cookie", jsonAnswer({ message: "bad c00kie-value", code: 401 }, 401)],
  ])("%s does not get it into a message", async (_name, answer) => {
    const client = await clientFor(answer, { headers });
    for (const call of [
      () => client.taskStatus(ID),
      () => client.listModuleTasks("m"),
      () => client.startCleanup("k"),
    ]) {
      const error = await call().catch((caught: unknown) => caught);
      const said = isTaskManagerError(error) ? `${error.message} ${error.stack} ${String(error.cause ?? "")}` : "";
      for (const secret of [half, TOKEN.slice(6), "c00kie-value", Buffer.from(TOKEN).toString("base64").slice(4, 16)]) {
        expect(said).not.toContain(secret);
      }
    }
  });

  test("does not get it into the fields of tasks", async () => {
    const client = await clientFor(jsonAnswer([{ task_id: "a", error: `bad ${TOKEN}`, type: "x" }]), { headers });
    expect(await client.listModuleTasks("m")).toEqual([{ task_id: "a", error: "bad ********", type: "x" }]);
  });
});

describe("the client", () => {
  test("does not report a bug as an unreachable server", async () => {
    const client = clientOver(async () => {
      throw new TypeError("x is not a function");
    });
    await expect(client.taskStatus(ID)).rejects.toThrow(TypeError);
    await expect(client.listModules()).rejects.toThrow(TypeError);
  });

  test("explains errors of too many open files", async () => {
    const client = clientOver(async () => {
      throw Object.assign(new Error("connect EMFILE 10.0.0.1:10000"), { code: "EMFILE" });
    });
    const error = await client.listModules().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ maybeSent: false, message: expect.stringContaining("too many open files") });
  });

  test.each([
    ["connect", false, "the connection timed out"],
    ["read", true, "the connection broke before the answer was complete"],
    ["write", true, "the connection broke before the answer was complete"],
  ])("knows whether a request can have been sent when a %s times out", async (syscall, maybeSent, reason) => {
    const client = clientOver(async () => {
      throw Object.assign(new Error(`${syscall} ETIMEDOUT`), { code: "ETIMEDOUT", syscall });
    });
    const error = await client.startCleanup("shop").catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "ETIMEDOUT", maybeSent, message: expect.stringContaining(reason) });
  });
});
