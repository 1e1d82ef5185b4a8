import { expect, it } from "vitest";
import { ManualClock } from "../../../src/mock/index.js";
import { ask, serve } from "./served.js";

const ROOT = "11111111-1111-4111-8111-111111111111";
const CHILD = "22222222-2222-4222-8222-222222222222";

async function serveOneTree(generation: "seed" | "current") {
  const clock = new ManualClock(Date.UTC(2025, 4, 6, 7, 8, 9, 999));
  const cluster = await serve({ generation, clock });
  const root = cluster.create({
    id: ROOT,
    module: "repair",
    type: "repair",
    scope: "keyspace",
    keyspace: "shop",
    entity: 'say "hä"\n\u0007',
    progressUnits: "ranges",
    isAbortable: true,
  });
  const child = cluster.create({
    id: CHILD,
    module: "repair",
    type: "repair",
    scope: "shard",
    shard: 1,
    keyspace: "shop",
    progressUnits: "ranges",
    parent: root,
  });
  child.reportProgress(0.5, 4);
  clock.advance(1_000);
  return { cluster, root, child };
}

it("a status has the server's keys in the server's order", async () => {
  const { cluster, child } = await serveOneTree("seed");
  child.fail("broken");
  const answer = await ask(cluster, `GET /task_manager/task_status/${ROOT}`);
  expect(answer).toEqual({
    status: 200,
    contentType: "application/json",
    text:
      `{"id": "${ROOT}", "type": "repair", "kind": "node", "scope": "keyspace", "state": "running", "is_abortable": true, ` +
      '"start_time": "2025-05-06T07:08:09Z", "end_time": "1970-01-01T00:00:00Z", "error": "", "parent_id": "none", ' +
      '"sequence_number": 1, "shard": 0, "keyspace": "shop", "table": "", "entity": "say \\"hä\\"\\n\\u0007", ' +
      '"progress_units": "ranges", "progress_total": 4, "progress_completed": 0.5, ' +
      `"children_ids": [{"task_id": "${CHILD}", "node": "127.0.0.1"}]}`,
  });
});

it("a recursive status is a list of statuses", async () => {
  const { cluster, child } = await serveOneTree("current");
  child.fail("broken");
  const { text } = await ask(cluster, `GET /task_manager/task_status_recursive/${ROOT}`);
  expect(text.slice(text.indexOf(`,{"id"`))).toBe(
    `,{"id": "${CHILD}", "type": "repair", "kind": "node", "scope": "shard", "state": "failed", "is_abortable": false, ` +
      `"start_time": "2025-05-06T07:08:09Z", "end_time": "2025-05-06T07:08:10Z", "error": "broken", "parent_id": "${ROOT}", ` +
      '"sequence_number": 1, "shard": 1, "keyspace": "shop", "table": "", "entity": "", "progress_units": "ranges", ' +
      '"progress_total": 4, "progress_completed": 0.5, "children_ids": []}]',
  );
});

it("seed: a row of a list says neither shard nor times", async () => {
  const { cluster } = await serveOneTree("seed");
  expect((await ask(cluster, "GET /task_manager/list_module_tasks/repair")).text).toBe(
    `[{"task_id": "${ROOT}", "state": "running", "type": "repair", "kind": "node", "scope": "keyspace", "keyspace": "shop", ` +
      '"table": "", "entity": "say \\"hä\\"\\n\\u0007", "sequence_number": 1}]',
  );
});

it("current: a row of a list says them", async () => {
  const { cluster } = await serveOneTree("current");
  expect((await ask(cluster, "GET /task_manager/list_module_tasks/repair")).text).toBe(
    `[{"task_id": "${ROOT}", "state": "running", "type": "repair", "kind": "node", "scope": "keyspace", "keyspace": "shop", ` +
      '"table": "", "entity": "say \\"hä\\"\\n\\u0007", "sequence_number": 1, "shard": 0, ' +
      '"start_time": "2025-05-06T07:08:09Z", "end_time": "1970-01-01T00:00:00Z"}]',
  );
});

it("an empty list is []", async () => {
  const cluster = await serve();
  expect((await ask(cluster, "GET /task_manager/list_module_tasks/repair")).text).toBe("[]");
});
