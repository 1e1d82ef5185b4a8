import { describe, expect, it } from "vitest";
import { ManualClock, type MockCluster } from "../../../src/mock/index.js";
import { ask, serve, valueFrom } from "./served.js";

/** What Scylla Manager reads of a status (operations: What Scylla Manager sends and reads). */
interface Status {
  readonly state: string;
  readonly error: string;
  readonly start_time: string;
  readonly end_time: string;
  readonly progress_completed: number;
  readonly progress_total: number;
}

/** The answer; the clock is advanced until it comes. */
async function inTime<T>(cluster: MockCluster, answer: Promise<T>): Promise<T> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  answer.then(end, end);
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    cluster.clock.advance(500);
  }
  return await answer;
}

/** Follows a backup or restore as the manager does: long waits, and a status whenever one times out. */
async function follow(cluster: MockCluster, id: string, node: number): Promise<{ looks: Status[]; end: Status }> {
  const looks: Status[] = [];
  for (let waits = 0; waits < 100; waits++) {
    const waited = await inTime(cluster, ask(cluster, `GET /task_manager/wait_task/${id}?timeout=10`, node));
    if (waited.status === 200) return { looks, end: JSON.parse(waited.text) as Status };
    expect(waited).toMatchObject({ status: 408, text: '{"message": "timedout", "code": 408}' });
    looks.push(await valueFrom<Status>(cluster, `GET /task_manager/task_status/${id}`, node));
  }
  throw new Error("it does not end");
}

/** The repairs that the manager finds before it starts, and aborts. */
async function runningRepairs(cluster: MockCluster): Promise<string[]> {
  const ids: string[] = [];
  for (const module of ["repair", "tablets"]) {
    const rows = await valueFrom<{ task_id: string; type: string; state: string }[]>(
      cluster,
      `GET /task_manager/list_module_tasks/${module}`,
    );
    for (const { task_id, type, state } of rows) {
      if (["repair", "user_repair"].includes(type) && !["done", "failed"].includes(state)) ids.push(task_id);
    }
  }
  return ids;
}

const EPOCH = "1970-01-01T00:00:00Z";
const BACKUP = "POST /storage_service/backup?endpoint=s3.example.com&bucket=b&prefix=p&keyspace=shop&table=orders";
const TABLET_REPAIR = "POST /storage_service/tablets/repair?ks=telemetry&tokens=all&await_completion=false&table=";

describe.each(["2025.1", "2025.2", "2025.4.2", "2025.4", "2026.1", "2026.3", "2026.4"])(
  "on %s the manager",
  (release) => {
    const manual = () => serve({ release, nodes: 2, clock: new ManualClock() });

    it("backs up a table, and follows it to its end", async () => {
      const cluster = await manual();
      const id = await valueFrom<string>(cluster, `${BACKUP}&snapshot=nightly&move_files=true`, 1);
      const { looks, end } = await follow(cluster, id, 1);
      expect(looks.length).toBeGreaterThan(1);
      for (const look of looks) expect(look).toMatchObject({ state: "running", error: "", end_time: EPOCH });
      expect(looks.at(-1)?.progress_completed).toBeGreaterThan(looks[0]?.progress_completed ?? 0);
      expect(end).toMatchObject({ state: "done", error: "" });
      expect(end.progress_completed).toBe(end.progress_total);
      expect(Date.parse(end.end_time)).toBeGreaterThan(Date.parse(end.start_time));
    });

    it("restores a table, with another user_ttl meanwhile", async () => {
      const cluster = await manual();
      const before = await valueFrom<number>(cluster, "GET /task_manager/user_ttl");
      expect(await valueFrom(cluster, "POST /task_manager/user_ttl?user_ttl=300")).toBe(before);
      const path =
        "/storage_service/restore?endpoint=s3.example.com&bucket=b&prefix=p&keyspace=shop&table=orders&scope=all&primary_replica_only=true";
      const body = JSON.stringify(["me-1-big-TOC.txt", "me-2-big-TOC.txt"]);
      const id = (await (await fetch(`${cluster.urls[0]}${path}`, { method: "POST", body })).json()) as string;
      expect((await follow(cluster, id, 0)).end).toMatchObject({ state: "done", error: "" });
      // It resumes an old one by its status, which is kept for user_ttl.
      expect(await valueFrom(cluster, `GET /task_manager/task_status/${id}`)).toMatchObject({ state: "done" });
      expect(await valueFrom(cluster, `POST /task_manager/user_ttl?user_ttl=${before}`)).toBe(300);
    });

    it("repairs a table of tablets, and waits for it at any node", async () => {
      const cluster = await manual();
      const started = await valueFrom<{ tablet_task_id: string }>(cluster, `${TABLET_REPAIR}readings`);
      const { tablet_task_id: id } = started;
      expect(await runningRepairs(cluster)).toContain(id);
      const waited = await inTime(cluster, valueFrom<Status>(cluster, `GET /task_manager/wait_task/${id}`, 1));
      expect(waited).toMatchObject({ state: "done", error: "" });
      expect(Date.parse(waited.end_time)).toBeGreaterThan(Date.parse(waited.start_time));
      expect(await runningRepairs(cluster)).not.toContain(id);
    });

    it("knows a colocated table by the text of its refusal", async () => {
      const cluster = await manual();
      const { status, text } = await ask(cluster, `${TABLET_REPAIR}readings_by_day`);
      const isRefused = release >= "2025.4";
      expect(status).toBe(isRefused ? 400 : 200);
      expect(text.includes("because it is colocated with the base table 'telemetry'.'readings'")).toBe(isRefused);
    });

    it("repairs a keyspace of vnodes by its number", async () => {
      const cluster = await manual();
      const query = "columnFamilies=orders,customers&ranges=-9:5,5:9&ranges_parallelism=1&hosts=127.0.0.1,127.0.0.2";
      for (const options of [query, "columnFamilies=orders&small_table_optimization=true"]) {
        const number = await valueFrom<number>(cluster, `POST /storage_service/repair_async/shop?${options}`);
        expect(await inTime(cluster, valueFrom(cluster, `GET /storage_service/repair_status/?id=${number}`))).toBe(
          "SUCCESSFUL",
        );
      }
    });

    it("aborts running repairs of both kinds", async () => {
      const cluster = await manual();
      const number = await valueFrom<number>(cluster, "POST /storage_service/repair_async/shop");
      const { tablet_task_id: id } = await valueFrom<{ tablet_task_id: string }>(cluster, `${TABLET_REPAIR}readings`);
      const wait = valueFrom<Status>(cluster, `GET /task_manager/wait_task/${id}`);
      const running = await runningRepairs(cluster);
      expect(running).toContain(id);
      expect(running.length).toBeGreaterThan(1);
      for (const task of running) {
        expect(await ask(cluster, `POST /task_manager/abort_task/${task}`)).toMatchObject({ status: 200, text: "" });
      }
      // For a wait, an aborted tablet repair is done (semantics 25).
      expect(await inTime(cluster, wait)).toMatchObject({ state: "done" });
      cluster.clock.advance(1_000);
      expect(await runningRepairs(cluster)).toEqual([]);
      expect(await valueFrom(cluster, `GET /storage_service/repair_status/?id=${number}`)).toBe("FAILED");
    });
  },
);
