import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectOver, type EngineFactory } from "../../src/client/connect.js";
import { UnreachableError, UnreadableAnswerError } from "../../src/client/errors.js";
import { createHttpEngine } from "../../src/client/http-engine.js";
import type { TaskManagerClient } from "../../src/client/task-manager.js";
import { createUndiciEngine } from "../../src/client/undici-engine.js";
import { NIL_UUID } from "../../src/vocabulary.js";
import {
  type Answer,
  jsonAnswer,
  type ScriptedServer,
  scriptedServer,
  textAnswer,
} from "../fixtures/scripted-server.js";

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";

describe.each<[string, EngineFactory]>([
  ["http", createHttpEngine],
  ["undici", createUndiciEngine],
])("operations over %s", (_name, engine) => {
  let server: ScriptedServer;
  let client: TaskManagerClient;
  let answer: Answer;
  const bodies: string[] = [];

  beforeAll(async () => {
    server = await scriptedServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece) => pieces.push(piece));
      request.on("end", () => {
        if (pieces.length > 0) bodies.push(`${request.headers["content-type"]} ${Buffer.concat(pieces).toString()}`);
        answer(request, response);
      });
    });
    client = await connectOver(engine, { url: server.url });
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });
  beforeEach(() => {
    server.requests.length = 0;
    bodies.length = 0;
  });

  const call = async (body: Answer, work: () => Promise<unknown>) => {
    answer = body;
    return await work();
  };

  test("start with their method, path, parameters and body, and give the id", async () => {
    const location = { datacenter: "dc1", endpoint: "s3", bucket: "b", prefix: "p" };
    const place = { endpoint: "s3", bucket: "b", prefix: "p/q", keyspace: "ks", table: "t" };
    const started = jsonAnswer(ID);
    expect(await call(started, () => client.startBackup({ ...place, snapshot: "s", moveFiles: false }))).toBe(ID);
    await call(started, () =>
      client.startRestore({ ...place, scope: "dc", primaryReplicaOnly: true, sstables: ["a", "b"] }),
    );
    await call(started, () =>
      client.startClusterBackup({
        snapshot: "s",
        keyspaces: ["a"],
        tables: ["t", "u"],
        moveFiles: true,
        locations: [location],
      }),
    );
    await call(started, () =>
      client.startTabletRestore({
        keyspace: "ks",
        table: "t",
        snapshot: "s",
        location: { ...location, manifests: ["m"] },
      }),
    );
    const repair = jsonAnswer({ tablet_task_id: ID });
    const tablet = { keyspace: "ks", table: "t", tokens: "all" } as const;
    expect(await call(repair, () => client.startTabletRepair(tablet))).toBe(ID);
    await call(repair, () =>
      client.startTabletRepair({
        ...tablet,
        tokens: ["1", "-2"],
        hosts: ["h"],
        dataCenters: ["a", "b"],
        incrementalMode: "full",
        awaitCompletion: false,
      }),
    );
    expect(server.requests).toEqual([
      "POST /storage_service/backup?endpoint=s3&bucket=b&prefix=p%2Fq&keyspace=ks&table=t&snapshot=s&move_files=false",
      "POST /storage_service/restore?endpoint=s3&bucket=b&prefix=p%2Fq&keyspace=ks&table=t&scope=dc&primary_replica_only=true",
      "POST /storage_service/tablets/backup?snapshot=s&keyspace=a&table=t%2Cu&move_files=true",
      "POST /storage_service/tablets/restore?keyspace=ks&table=t&snapshot=s",
      "POST /storage_service/tablets/repair?ks=ks&table=t&tokens=all",
      "POST /storage_service/tablets/repair?ks=ks&table=t&tokens=1%2C-2&hosts_filter=h&dcs_filter=a%2Cb&incremental_mode=full&await_completion=false",
    ]);
    expect(bodies).toEqual([
      'application/json ["a","b"]',
      `application/json ${JSON.stringify([location])}`,
      `application/json ${JSON.stringify([{ ...location, manifests: ["m"] }])}`,
    ]);
  });

  test("repair vnodes by number", async () => {
    const number = jsonAnswer(7);
    expect(
      await call(number, () =>
        client.startRepair("ks", {
          tables: ["a", "b"],
          primaryRange: true,
          ranges: ["1:2", "3:4"],
          startToken: "5",
          endToken: "6",
          dataCenters: ["dc1"],
          hosts: ["h"],
          ignoreNodes: ["i", "j"],
          rangesParallelism: 2,
          smallTableOptimization: true,
          trace: false,
          ignoreUnreplicatedKeyspaces: true,
          parallelism: "parallel",
          incremental: false,
          pullRepair: true,
          jobThreads: 3,
        }),
      ),
    ).toBe(7);
    expect(await call(jsonAnswer("RUNNING"), () => client.repairState("ks", 7))).toBe("RUNNING");
    expect(await call(jsonAnswer("FAILED"), () => client.awaitRepair(7, { timeoutSeconds: 5 }))).toBe("FAILED");
    expect(await call(jsonAnswer([7]), () => client.activeRepairs())).toEqual([7]);
    await call(textAnswer(""), () => client.terminateRepairs());
    await expect(call(jsonAnswer("SHAKY"), () => client.repairState("ks", 7))).rejects.toThrow("one of RUNNING");
    await expect(call(jsonAnswer("7"), () => client.startRepair("ks"))).rejects.toThrow(UnreadableAnswerError);
    expect(server.requests.slice(0, 5)).toEqual([
      "POST /storage_service/repair_async/ks?columnFamilies=a%2Cb&primaryRange=true&ranges=1%3A2%2C3%3A4&startToken=5&endToken=6&dataCenters=dc1&hosts=h&ignore_nodes=i%2Cj&ranges_parallelism=2&small_table_optimization=true&trace=false&ignoreUnreplicatedKeyspaces=true&parallelism=parallel&incremental=false&pullRepair=true&jobThreads=3",
      "GET /storage_service/repair_async/ks?id=7",
      "GET /storage_service/repair_status/?id=7&timeout=5",
      "GET /storage_service/active_repair/",
      "POST /storage_service/force_terminate_repair",
    ]);
  });

  test("that wait for their end have the same parameters, and no result or their own", async () => {
    const nothing = textAnswer("");
    await call(nothing, () => client.compactKeyspace("ks", { tables: ["a"], flushMemtables: true }));
    await call(nothing, () => client.compactAll({ considerOnlyExistingData: true }));
    await call(textAnswer("0"), () => client.cleanupKeyspace("ks", { tables: ["a"] }));
    await call(textAnswer("0"), () => client.cleanupAll({ global: false }));
    expect(await call(textAnswer("true"), () => client.compactOffstrategy("ks", { tables: ["a"] }))).toBe(true);
    expect(
      await call(textAnswer("3"), () =>
        client.scrubKeyspace("ks", {
          tables: ["a"],
          disableSnapshot: true,
          skipCorrupted: false,
          scrubMode: "SEGREGATE",
          quarantineMode: "ONLY",
          dropUnfixableSstables: true,
          quarantineInvalidSstables: false,
        }),
      ),
    ).toBe(3);
    await call(textAnswer("0"), () =>
      client.upgradeKeyspaceSstables("ks", { tables: ["a"], excludeCurrentVersion: true }),
    );
    await call(nothing, () => client.decommission());
    await call(nothing, () => client.removeNode("h", { ignoreNodes: ["a", "b"] }));
    await call(nothing, () => client.rebuild({ sourceDatacenter: "dc1", force: true }));
    await call(nothing, () => client.startTabletMigration("ks"));
    await call(nothing, () => client.setStorageMode("tablets"));
    const migration = { keyspace: "ks", status: "vnodes", nodes: [{ host_id: "h", current_mode: "vnodes" }] };
    expect(
      await call(jsonAnswer(migration), () => client.tabletMigration("ks", { includeTabletStatus: true })),
    ).toEqual(migration);
    await call(jsonAnswer(migration), () => client.tabletMigration("ks"));
    await call(nothing, () => client.finalizeTabletMigration("ks"));
    expect(await call(jsonAnswer(["a"]), () => client.keyspaces({ type: "user", replication: "tablets" }))).toEqual([
      "a",
    ]);
    expect(server.requests).toEqual([
      "POST /storage_service/keyspace_compaction/ks?cf=a&flush_memtables=true",
      "POST /storage_service/compact?consider_only_existing_data=true",
      "POST /storage_service/keyspace_cleanup/ks?cf=a",
      "POST /storage_service/cleanup_all/?global=false",
      "POST /storage_service/keyspace_offstrategy_compaction/ks?cf=a",
      "GET /storage_service/keyspace_scrub/ks?cf=a&disable_snapshot=true&skip_corrupted=false&scrub_mode=SEGREGATE&quarantine_mode=ONLY&drop_unfixable_sstables=true&quarantine_invalid_sstables=false",
      "GET /storage_service/keyspace_upgrade_sstables/ks?cf=a&exclude_current_version=true",
      "POST /storage_service/decommission",
      "POST /storage_service/remove_node?host_id=h&ignore_nodes=a%2Cb",
      "POST /storage_service/rebuild?source_dc=dc1&force=true",
      "POST /storage_service/vnode_tablet_migrations/keyspaces/ks",
      "PUT /storage_service/vnode_tablet_migrations/node/storage_mode?intended_mode=tablets",
      "GET /storage_service/vnode_tablet_migrations/keyspaces/ks?include=tablet_status",
      "GET /storage_service/vnode_tablet_migrations/keyspaces/ks",
      "POST /storage_service/vnode_tablet_migrations/keyspaces/ks/finalization",
      "GET /storage_service/keyspaces?type=user&replication=tablets",
    ]);
  });

  test("say that there is nothing to do", async () => {
    for (const nil of [NIL_UUID, NIL_UUID.replaceAll("-", "")]) {
      expect(await call(jsonAnswer(nil), () => client.startCleanup("ks"))).toBeUndefined();
    }
  });

  test.each(["--help", "", "a b", "$(touch x)", "-", "é", "x".repeat(129)])("take %j for no id", async (id) => {
    await expect(call(jsonAnswer(id), () => client.startCompaction("ks"))).rejects.toThrow(
      "the id of the new task should be an id",
    );
  });

  test("send the names of a restore of 100,000 sstables whole", async () => {
    const sstables = Array.from({ length: 100_000 }, (_, index) => `me-${index}-big-TOC.txt`);
    const place = { endpoint: "s3", bucket: "b", prefix: "p", keyspace: "ks", table: "t" };
    expect(await call(jsonAnswer(ID), () => client.startRestore({ ...place, sstables }))).toBe(ID);
    expect(bodies).toEqual([`application/json ${JSON.stringify(sstables)}`]);
  });

  test("are never sent twice", async () => {
    const broken: Answer = (request) => request.socket.destroy();
    const place = { endpoint: "s3", bucket: "b", prefix: "p", keyspace: "ks", table: "t" };
    const starts = [
      () => client.startBackup(place),
      () => client.startRestore({ ...place, sstables: [] }),
      () => client.startRepair("ks"),
      () => client.startTabletRepair({ keyspace: "ks", table: "t", tokens: "all" }),
      () => client.scrubKeyspace("ks"),
      () => client.upgradeKeyspaceSstables("ks"),
      () => client.decommission(),
    ];
    for (const start of starts) {
      // A first request leaves a kept-alive connection, for the server to close.
      await call(jsonAnswer([]), () => client.listModules());
      const error = await call(broken, start).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(UnreachableError);
      expect(error).toMatchObject({ maybeSent: true });
    }
    expect(server.requests).toHaveLength(2 * starts.length);
  });
});
