import { getEventListeners } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer as createTcpServer, type Server, Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type ConnectOptions, connectOver, type EngineFactory } from "../../src/client/connect.js";
import {
  ClientClosedError,
  HttpStatusError,
  RequestAbortedError,
  RequestTimeoutError,
  UnreachableError,
  UnreadableAnswerError,
} from "../../src/client/errors.js";
import { createHttpEngine } from "../../src/client/http-engine.js";
import type { TaskManagerClient } from "../../src/client/task-manager.js";
import { createUndiciEngine } from "../../src/client/undici-engine.js";
import { agentProxy, RELAY, tlsFile } from "../fixtures/agent-proxy.js";
import {
  type Answer,
  jsonAnswer,
  type ScriptedServer,
  scriptedServer,
  textAnswer,
} from "../fixtures/scripted-server.js";

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";

describe.each<[string, EngineFactory]>([
  ["node:http", createHttpEngine],
  ["undici", createUndiciEngine],
])("the client over %s", (_, engine) => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function clientFor(
    script: Record<string, Answer> | Answer,
    options: { idleTimeoutMs?: number; prefix?: string } = {},
  ): Promise<{ client: TaskManagerClient; server: ScriptedServer }> {
    const server = await scriptedServer(script);
    const client = await connectOver(engine, {
      url: `${server.url}${options.prefix ?? ""}`,
      idleTimeoutMs: options.idleTimeoutMs,
    });
    ends.push(server.stop, () => client.close());
    return { client, server };
  }

  test("asks each endpoint with its method, path and parameters, and with no others", async () => {
    const { client, server } = await clientFor((request, response) => {
      const path = request.url ?? "";
      const answer =
        path.includes("list_") || /gossiper|host_id|keyspaces|column_family/.test(path)
          ? []
          : /status_recursive/.test(path)
            ? []
            : /ttl$/.test(path)
              ? 7
              : /_status|wait/.test(path)
                ? {}
                : "text";
      jsonAnswer(answer)(request, response);
    });
    await client.listModules();
    await client.listModuleTasks("a/b", { internal: true, keyspace: "k s", table: "t&" });
    await client.listModuleTasks("m");
    await client.taskStatus("../x?");
    await client.taskStatusRecursive(ID);
    await client.waitTask(ID);
    await client.waitTask(ID, { timeoutSeconds: 0 });
    await client.abortTask(ID);
    await client.ttl();
    await client.setTtl(4_294_967_295);
    await client.userTtl();
    await client.setUserTtl(0);
    await client.drain("repair");
    await client.startCompaction("ks", { tables: ["a", "b"], flushMemtables: false, considerOnlyExistingData: true });
    await client.startCleanup("ks");
    await client.startOffstrategyCompaction("ks", { tables: [] });
    await client.startScrub("ks", {
      disableSnapshot: true,
      skipCorrupted: false,
      scrubMode: "SKIP",
      quarantineMode: "ONLY",
    });
    await client.startUpgradeSstables("ks", { excludeCurrentVersion: true });
    await client.registerTestModule();
    await client.unregisterTestModule();
    await client.registerTestTask({
      task_id: ID,
      shard: 1,
      parent_id: ID,
      keyspace: "k",
      table: "t",
      entity: "e",
      user_task: true,
    });
    await client.unregisterTestTask(ID);
    await client.finishTestTask(ID, { error: "no way" });
    await client.liveEndpoints();
    await client.downEndpoints();
    await client.hostIds();
    await client.releaseVersion();
    await client.clusterName();
    await client.datacenter("10.0.0.1");
    await client.rack("10.0.0.1");
    await client.keyspaces();
    await client.tables();
    expect(server.requests).toEqual([
      "GET /task_manager/list_modules",
      "GET /task_manager/list_module_tasks/a%2Fb?keyspace=k%20s&table=t%26&internal=true",
      "GET /task_manager/list_module_tasks/m",
      "GET /task_manager/task_status/..%2Fx%3F",
      `GET /task_manager/task_status_recursive/${ID}`,
      `GET /task_manager/wait_task/${ID}`,
      `GET /task_manager/wait_task/${ID}?timeout=0`,
      `POST /task_manager/abort_task/${ID}`,
      "GET /task_manager/ttl",
      "POST /task_manager/ttl?ttl=4294967295",
      "GET /task_manager/user_ttl",
      "POST /task_manager/user_ttl?user_ttl=0",
      "POST /task_manager/drain/repair",
      "POST /tasks/compaction/keyspace_compaction/ks?cf=a%2Cb&flush_memtables=false&consider_only_existing_data=true",
      "POST /tasks/compaction/keyspace_cleanup/ks",
      "POST /tasks/compaction/keyspace_offstrategy_compaction/ks",
      "GET /tasks/compaction/keyspace_scrub/ks?disable_snapshot=true&skip_corrupted=false&scrub_mode=SKIP&quarantine_mode=ONLY",
      "GET /tasks/compaction/keyspace_upgrade_sstables/ks?exclude_current_version=true",
      "POST /task_manager_test/test_module",
      "DELETE /task_manager_test/test_module",
      `POST /task_manager_test/test_task?task_id=${ID}&parent_id=${ID}&keyspace=k&table=t&entity=e&shard=1&user_task=true`,
      `DELETE /task_manager_test/test_task?task_id=${ID}`,
      `POST /task_manager_test/finish_test_task/${ID}?error=no%20way`,
      "GET /gossiper/endpoint/live/",
      "GET /gossiper/endpoint/down/",
      "GET /storage_service/host_id",
      "GET /storage_service/scylla_release_version",
      "GET /storage_service/cluster_name",
      "GET /snitch/datacenter?host=10.0.0.1",
      "GET /snitch/rack?host=10.0.0.1",
      "GET /storage_service/keyspaces",
      "GET /column_family/",
    ]);
  });

  test("returns texts and ids as they are, and knows its origin", async () => {
    const { client, server } = await clientFor(jsonAnswer(ID));
    expect(client.origin).toBe(server.url);
    expect(await client.releaseVersion()).toBe(ID);
    expect(await client.registerTestTask()).toBe(ID);
    await client.close();
    await expect(client.releaseVersion()).rejects.toThrow(ClientClosedError);
  });

  test("puts the URL's path before the path of each request", async () => {
    const { client, server } = await clientFor(jsonAnswer(["m"]), { prefix: "/node/1/" });
    expect(await client.listModules()).toEqual(["m"]);
    expect(server.requests).toEqual(["GET /node/1/task_manager/list_modules"]);
  });

  test("keeps unknown fields, and does not need the known ones", async () => {
    const { client } = await clientFor({
      [`/task_manager/task_status/${ID}`]: jsonAnswer({ id: ID, novelty: [1], children_ids: [ID] }),
    });
    // releases: servers older than 6.2 send plain ids.
    expect(await client.taskStatus(ID)).toEqual({ id: ID, novelty: [1], children_ids: [{ task_id: ID, node: "" }] });
  });

  test("drops known fields that are null", async () => {
    const { client } = await clientFor(
      jsonAnswer({ id: ID, error: null, progress_total: null, children_ids: null, novelty: null }),
    );
    expect(Object.entries(await client.taskStatus(ID))).toEqual([
      ["id", ID],
      ["novelty", null],
    ]);
  });

  test.each<[string, Answer, string]>([
    ["HTML", textAnswer("<html>hello</html>"), "Unexpected token"],
    ["truncated JSON", textAnswer('{"id": "x'), "Unterminated string"],
    ["an empty body", textAnswer(""), "the answer is empty"],
    ["an array", jsonAnswer([]), "should be an object"],
    ["a number for a string", jsonAnswer({ state: 5 }), "state of the status should be a string, not the number 5"],
    [
      "a number without end",
      textAnswer('{"progress_total": 1e999}'),
      "should be a finite number, not the number Infinity",
    ],
    ["children that are no list", jsonAnswer({ children_ids: 5 }), "should be an array"],
  ])("calls %s instead of a status unreadable", async (_name, answer, reason) => {
    const { client } = await clientFor(answer);
    const failure = client.taskStatus(ID);
    await expect(failure).rejects.toThrow(UnreadableAnswerError);
    await expect(failure).rejects.toThrow(reason);
  });

  test.each<[string, Answer, number, string]>([
    [
      "a server's error",
      jsonAnswer({ message: "task with id x not found", code: 400 }, 400),
      400,
      "task with id x not found",
    ],
    ["a text body", textAnswer("boom", 500), 500, "boom"],
    ["a proxy's page", textAnswer("<html><title>502 Bad Gateway</title>", 502), 502, "an HTML page (502 Bad Gateway)"],
    ["401", jsonAnswer({ message: "unauthorized", code: 401 }, 401), 401, "unauthorized"],
    ["a redirect, not followed", textAnswer("", 302, { location: "http://127.0.0.1:1/" }), 302, "not followed"],
  ])("reports the status of %s", async (_name, answer, status, message) => {
    const { client, server } = await clientFor(answer);
    const error = await client.taskStatus(ID).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(HttpStatusError);
    expect(error).toMatchObject({ status });
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain(`GET /task_manager/task_status/${ID}`);
    expect(server.requests).toHaveLength(1);
  });

  test.each<[string, string, Answer]>([
    ["scylla", "in the server's form", jsonAnswer({ message: "task with id x not found", code: 400 }, 400)],
    ["json", "with another code", jsonAnswer({ message: "task with id x not found", code: 404 }, 400)],
    ["json", "that is nested deeply", textAnswer(`${"[".repeat(30_000)}${"]".repeat(30_000)}`, 400)],
    ["json", "without a code", jsonAnswer({ message: "task with id x not found" }, 400)],
    ["json", "that is an array", jsonAnswer([], 400)],
    ["json", "that is null", jsonAnswer(null, 400)],
    ["json", "that is empty", textAnswer("", 400)],
    ["foreign", "that is text", textAnswer("task with id x not found", 400)],
    ["foreign", "that is a page", textAnswer("<html>Bad Request</html>", 400)],
    ["foreign", "that is half of JSON", textAnswer('{"message": "task with id x not found", "code": 40', 400)],
  ])("calls an error %s whose body is one %s", async (body, _what, answer) => {
    const { client } = await clientFor(answer);
    await expect(client.taskStatus(ID)).rejects.toMatchObject({ status: 400, body });
  });

  test.each([["", "{}"]])("accepts %j and %j as the answer of calls without a result", async (empty, object) => {
    for (const body of [empty, object]) {
      const { client } = await clientFor(textAnswer(body));
      await expect(client.abortTask(ID)).resolves.toBeUndefined();
    }
  });

  test("says that a refused connection sent nothing", async () => {
    const { client, server } = await clientFor(jsonAnswer([]));
    await server.stop();
    const error = await client.listModules().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ code: "ECONNREFUSED", maybeSent: false });
  });

  test("never sends a start twice, and says that it may have arrived", async () => {
    const { client, server } = await clientFor((request) => request.socket.destroy());
    for (const start of [client.startScrub("ks"), client.startUpgradeSstables("ks"), client.startCompaction("ks")]) {
      const error = await start.catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(UnreachableError);
      expect(error).toMatchObject({ maybeSent: true });
    }
    expect(server.requests).toHaveLength(3);
  });

  test("does not send a start again on a kept-alive connection that the server closes", async () => {
    let requests = 0;
    const { client, server } = await clientFor((request, response) => {
      requests++;
      if (requests === 1) jsonAnswer([])(request, response);
      else request.socket.destroy();
    });
    await client.listModules();
    await expect(client.startScrub("ks")).rejects.toThrow(UnreachableError);
    expect(server.requests).toHaveLength(2);
  });

  test("drains over a new connection if the server closes the kept-alive one", async () => {
    const { client, server } = await clientFor((request, response) => {
      response.once("finish", () => request.socket.destroy());
      jsonAnswer([])(request, response);
    });
    await client.listModules();
    await client.drain("compaction");
    await client.drain("repair");
    expect(server.requests).toEqual([
      "GET /task_manager/list_modules",
      "POST /task_manager/drain/compaction",
      "POST /task_manager/drain/repair",
    ]);
  });

  test("ends a request that the caller aborts", async () => {
    const controller = new AbortController();
    const { client } = await clientFor(() => controller.abort(new Error("enough")));
    const error = await client.waitTask(ID, { signal: controller.signal }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RequestAbortedError);
    expect((error as Error).cause).toMatchObject({ message: "enough" });
  });

  test("does not send a request whose signal is already aborted", async () => {
    const { client, server } = await clientFor(jsonAnswer([]));
    await expect(client.listModules({ signal: AbortSignal.abort() })).rejects.toThrow(RequestAbortedError);
    expect(server.requests).toEqual([]);
  });

  test("accepts one signal for many requests, and removes its listeners", async () => {
    const { client } = await clientFor(jsonAnswer([]));
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on("warning", note);
    const answers = Array.from({ length: 20 }, () => client.listModules({ signal }));
    expect(getEventListeners(signal, "abort")).toHaveLength(20);
    await Promise.all(answers);
    process.off("warning", note);
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("times out when the server sends nothing, but not in a wait", async () => {
    let arrive: (end: () => void) => void;
    const arrived = new Promise<() => void>((resolve) => {
      arrive = resolve;
    });
    const { client } = await clientFor(
      (request, response) => {
        if (request.url?.includes("wait_task")) arrive(() => jsonAnswer({ state: "done" })(request, response));
      },
      { idleTimeoutMs: 40 },
    );
    // The other request began earlier, so without an answer it would time out first.
    const wait = client.waitTask(ID);
    await expect(client.taskStatus(ID)).rejects.toThrow(RequestTimeoutError);
    (await arrived)();
    expect(await wait).toEqual({ state: "done" });
  });

  test("turns on TCP keep-alive, also without HTTP keep-alive", async () => {
    const { server } = await clientFor(jsonAnswer([]));
    const client = await connectOver(engine, { url: server.url, keepAlive: false });
    ends.push(() => client.close());
    const setKeepAlive = vi.spyOn(Socket.prototype, "setKeepAlive");
    await client.listModules();
    expect(setKeepAlive).toHaveBeenCalledWith(true, 60_000);
    setKeepAlive.mockRestore();
  });

  test("ends at its time limit an answer that never ends", async () => {
    let drip: NodeJS.Timeout | undefined;
    const { client } = await clientFor((_request, response) => {
      response.write("[");
      drip = setInterval(() => response.write(" "), 5);
      response.on("close", () => clearInterval(drip));
    });
    await expect(client.listModuleTasks("m", { timeoutMs: 60 })).rejects.toThrow(RequestTimeoutError);
  });

  test("calls an endless answer unreadable", async () => {
    const { client } = await clientFor((_request, response) => {
      const piece = Buffer.alloc(1024 * 1024, " ");
      const more = () => {
        while (!response.destroyed && response.write(piece));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    await expect(client.taskStatus(ID)).rejects.toThrow("the answer does not end");
  });

  test("returns the first tasks of a list before the last have arrived", async () => {
    let finish: (() => void) | undefined;
    const { client } = await clientFor((_request, response) => {
      response.write('[{"task_id":"a"},');
      finish = () => response.end('{"task_id":"b"}]');
    });
    const batches = client.streamModuleTasks("m");
    expect((await batches.next()).value).toEqual([{ task_id: "a" }]);
    finish?.();
    expect((await batches.next()).value).toEqual([{ task_id: "b" }]);
    expect((await batches.next()).done).toBe(true);
  });

  test("accepts only certificates of a known authority, unless told to accept any", async () => {
    const server = await scriptedServer(jsonAnswer(["m"]));
    const [agent, expired] = await Promise.all(
      (["server", "expired"] as const).map((certificate) =>
        agentProxy({ target: server.url, token: "t", certificate }),
      ),
    );
    ends.push(server.stop, ...[agent, expired].flatMap((proxy) => proxy?.stop ?? []));
    const ca = await readFile(tlsFile("ca.pem"), "utf8");
    const answer = async (url = "", tls?: ConnectOptions["tls"]) => {
      const client = await connectOver(engine, { url, tls, headers: { authorization: "Bearer t" } });
      ends.push(() => client.close());
      return await client.listModules().catch((error: unknown) => error);
    };
    expect(await answer(agent?.url, { ca })).toEqual(["m"]);
    expect(await answer(agent?.url, { insecure: true })).toEqual(["m"]);
    expect(await answer(expired?.url, { insecure: true })).toEqual(["m"]);
    for (const refused of [
      await answer(agent?.url),
      await answer(agent?.url, { insecure: false }),
      await answer(expired?.url, { ca }),
    ]) {
      expect(refused).toMatchObject({ kind: "unreachable", isPermanent: true, maybeSent: false });
    }
  });

  test("shows a certificate of its own where the server wants one", async () => {
    const server = await scriptedServer(jsonAnswer(["m"]));
    const agent = await agentProxy({ target: server.url, token: "t", wantsClientCertificate: true });
    const [ca, cert, key] = await Promise.all(
      ["ca.pem", "client.pem", "client-key.pem"].map((name) => readFile(tlsFile(name), "utf8")),
    );
    const client = await connectOver(engine, {
      url: agent.url,
      tls: { ca, cert, key },
      headers: { authorization: "Bearer t" },
    });
    ends.push(server.stop, agent.stop, () => client.close());
    expect(await client.listModules()).toEqual(["m"]);
  });

  test("fails if it is closed", async () => {
    let arrived: (() => void) | undefined;
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { client } = await clientFor(() => arrived?.());
    const underWay = client.waitTask(ID).catch((error: unknown) => error);
    await arrival;
    await client.close();
    expect(await underWay).toBeInstanceOf(ClientClosedError);
    const error = await client.listModules().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: "closed", message: expect.stringContaining("is closed") });
  });

  test.each(["plain", "TLS"])("works through a proxy command, %s", async (kind) => {
    const server = await scriptedServer(jsonAnswer(["m"]));
    const agent = await agentProxy({ target: server.url, token: "t" });
    const { url, port } =
      kind === "TLS"
        ? { url: "https://localhost:10001", port: agent.port }
        : { url: "http://node:1", port: server.port };
    const client = await connectOver(engine, {
      url,
      headers: { authorization: "Bearer t" },
      tls: { ca: await readFile(tlsFile("ca.pem"), "utf8") },
      proxyCommand: `'${process.execPath}' '${RELAY}' 127.0.0.1 ${port}`,
    });
    ends.push(server.stop, agent.stop, () => client.close());
    expect(await client.listModules()).toEqual(["m"]);
    // A wait and another request at the same time need two connections, so two commands.
    expect(
      await Promise.all([client.waitTask(ID).catch((error: Error) => error.message), client.listModules()]),
    ).toEqual([expect.stringContaining("should be an object"), ["m"]]);
  });

  test("calls an answer that is not HTTP unreadable", async () => {
    const server: Server = createTcpServer((socket) => socket.resume().end("SSH-2.0-OpenSSH\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ends.push(() => new Promise((resolve) => server.close(() => resolve())));
    const { port } = server.address() as { port: number };
    const client = await connectOver(engine, { url: `http://127.0.0.1:${port}` });
    ends.push(() => client.close());
    await expect(client.listModules()).rejects.toThrow("it is not HTTP");
  });
});
