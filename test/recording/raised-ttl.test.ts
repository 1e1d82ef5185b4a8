import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { ManualClock, MockCluster } from "../../src/mock/index.js";
import { mockToRecord, recordFor } from "../fixtures/recorded.js";

const NODES = ["127.0.0.1", "127.0.0.2"];

let clock: ManualClock;
let mock: MockCluster;
let directory: string;
let file: string;
beforeEach(async () => {
  ({ clock, mock, directory } = await mockToRecord({ nodes: NODES.length }));
  file = join(directory, "raised-ttl.json");
  for (const node of [0, 1]) await setTtls(node, 10, 3600);
});

async function setTtls(node: number, ttl: number, userTtl: number): Promise<void> {
  const at = `${mock.urls[node]}/task_manager`;
  await fetch(`${at}/ttl?ttl=${ttl}`, { method: "POST" });
  await fetch(`${at}/user_ttl?user_ttl=${userTtl}`, { method: "POST" });
}

const ttlsOf = (node: number) =>
  Promise.all(["ttl", "user_ttl"].map(async (name) => (await fetch(`${mock.urls[node]}/task_manager/${name}`)).json()));

/** What is there while it records. */
async function recording(raiseTtlSeconds: number | undefined, during: () => unknown): Promise<string> {
  let seen: unknown;
  clock.schedule(clock.nowMs() + 5_000, () => (seen = during()), undefined);
  const told = await recordFor(12, mock, clock, { directory, raiseTtlSeconds });
  await seen;
  return told;
}

const raisedBefore = (raised: object) => writeFileSync(file, JSON.stringify({ [NODES[0] as string]: raised }));

describe("the ttl", () => {
  test("is raised if it is lower, and restored; meanwhile the old value is in a file", async () => {
    let kept: unknown;
    let ttls: unknown;
    const told = await recording(600, () => {
      kept = JSON.parse(readFileSync(file, "utf8"));
      ttls = ttlsOf(1);
    });
    expect(told).toBe("");
    expect(kept).toEqual(Object.fromEntries(NODES.map((node) => [node, { ttl: { previous: 10, raised: 600 } }])));
    expect(await ttls).toEqual([600, 3600]);
    expect([await ttlsOf(0), await ttlsOf(1), existsSync(file)]).toEqual([[10, 3600], [10, 3600], false]);
  });

  test("and user_ttl are both raised if both are lower", async () => {
    let ttls: unknown;
    await recording(7200, () => (ttls = ttlsOf(0)));
    expect(await ttls).toEqual([7200, 7200]);
    expect(await ttlsOf(0)).toEqual([10, 3600]);
  });

  test("is not restored if somebody has changed it since", async () => {
    await recording(600, () => setTtls(0, 30, 3600));
    expect([await ttlsOf(0), await ttlsOf(1)]).toEqual([
      [30, 3600],
      [10, 3600],
    ]);
  });

  test("raised by a recorder that was killed is restored by the next one, even if that one does not raise it", async () => {
    await setTtls(0, 600, 3600);
    raisedBefore({ ttl: { previous: 5, raised: 600 } });
    let ttls: unknown;
    await recording(undefined, () => (ttls = ttlsOf(0)));
    expect([await ttls, existsSync(file)]).toEqual([[5, 3600], false]);

    await setTtls(0, 600, 3600);
    raisedBefore({ ttl: { previous: 5, raised: 600 } });
    await recording(900, () => (ttls = ttlsOf(0)));
    expect([await ttls, await ttlsOf(0)]).toEqual([
      [900, 3600],
      [5, 3600],
    ]);
  });

  test("of a node that is down at the end is restored by the next recorder", async () => {
    expect(await recording(600, () => mock.takeDown(1))).toContain(
      "warning: the ttl could not be restored on 127.0.0.2: the next `tasks record` to this journal restores it\n",
    );
    expect(Object.keys(JSON.parse(readFileSync(file, "utf8")))).toEqual(["127.0.0.2"]);
    expect(await ttlsOf(0)).toEqual([10, 3600]);
  });

  test("is not raised if the old value cannot be saved", async () => {
    mkdirSync(file);
    let ttls: unknown;
    const told = await recording(600, () => (ttls = ttlsOf(0)));
    expect(told).toMatch(/^warning: the ttl was not raised: cannot save its current value: .*raised-ttl\.json/);
    expect(await ttls).toEqual([10, 3600]);
  });
});
