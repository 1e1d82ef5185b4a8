import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { ManualClock, type MockCluster } from "../../../src/mock/index.js";
import { ask, serve } from "./served.js";

const ROOT = "11111111-1111-4111-8111-111111111111";
const CHILD = "22222222-2222-4222-8222-222222222222";
const SECOND = "33333333-3333-4333-8333-333333333333";

/** A root with a child. */
async function serveOneTree(release: string) {
  const clock = new ManualClock(Date.UTC(2025, 4, 6, 7, 8, 9, 999));
  const cluster = await serve({ release, clock });
  const spec = { module: "repair", type: "repair", keyspace: "shop", progressUnits: "ranges" };
  const root = cluster.create({
    ...spec,
    id: ROOT,
    scope: "keyspace",
    entity: 'say "hä"/\\\n\u0007\u001f\u007f',
    isAbortable: true,
  });
  const child = cluster.create({ ...spec, id: CHILD, scope: "shard", shard: 1, parent: root });
  child.reportProgress(0.5, 4);
  clock.advance(1_000);
  return { cluster, root, child, spec };
}

/** As the server escapes it: DEL, slashes and non-ASCII characters are sent as they are. */
const ENTITY = '"say \\"hä\\"/\\\\\\n\\u0007\\u001F\u007f"';
const STATS =
  `{"task_id":"${ROOT}","state":"running","type":"repair","kind":"node","scope":"keyspace","keyspace":"shop",` +
  `"table":"","entity":${ENTITY},"sequence_number":1`;
const TIMES = '"shard":0,"start_time":"2025-05-06T07:08:09Z","end_time":"1970-01-01T00:00:00Z"';

/** The whole answer to a request, with its headers, as it is sent. */
function received(cluster: MockCluster, request: string): Promise<string> {
  const { hostname, port } = new URL(cluster.urls[0] ?? "");
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => {
      socket.end(`${request} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
    });
    socket.setEncoding("utf8").on("data", (part) => {
      text += part;
    });
    socket.on("end", () => resolve(text)).on("error", reject);
  });
}

describe("the spaced style", () => {
  it("is that of a status: the server's keys in the server's order", async () => {
    const { cluster, root, spec } = await serveOneTree("seed");
    cluster.create({ ...spec, id: SECOND, scope: "shard", parent: root });
    expect(await ask(cluster, `GET /task_manager/task_status/${ROOT}`)).toEqual({
      status: 200,
      contentType: "application/json",
      text:
        `{"id": "${ROOT}", "type": "repair", "kind": "node", "scope": "keyspace", "state": "running", "is_abortable": true, ` +
        '"start_time": "2025-05-06T07:08:09Z", "end_time": "1970-01-01T00:00:00Z", "error": "", "parent_id": "none", ' +
        `"sequence_number": 1, "shard": 0, "keyspace": "shop", "table": "", "entity": ${ENTITY}, ` +
        '"progress_units": "ranges", "progress_total": 5, "progress_completed": 0.5, ' +
        `"children_ids": [{"task_id": "${CHILD}", "node": "127.0.0.1"},{"task_id": "${SECOND}", "node": "127.0.0.1"}]}`,
    });
  });

  it("is that of the answer to a waiter, too", async () => {
    const { cluster, spec } = await serveOneTree("latest");
    cluster.create({ ...spec, id: SECOND, scope: "keyspace", isUserTask: true }).fail("boom");
    const [status, wait] = await Promise.all(
      ["task_status", "wait_task"].map((call) => ask(cluster, `GET /task_manager/${call}/${SECOND}`)),
    );
    expect(status?.text).toContain('"state": "failed"');
    expect(wait).toEqual(status);
  });

  it("has no children_ids where there are no children", async () => {
    const { cluster } = await serveOneTree("latest");
    const { text } = await ask(cluster, `GET /task_manager/task_status/${CHILD}`);
    expect(text.slice(text.indexOf(', "progress_total"'))).toBe(', "progress_total": 4, "progress_completed": 0.5}');
  });

  it("is that of errors and of host_id", async () => {
    const { cluster } = await serveOneTree("latest");
    expect((await ask(cluster, "GET /nothing")).text).toBe('{"message": "Not found", "code": 404}');
    expect((await ask(cluster, "GET /storage_service/host_id")).text).toMatch(
      /^\[\{"key": "127\.0\.0\.1", "value": "[^"]+"\}\]$/,
    );
  });

  it("has 0.0.0.0 as the address of a child that is a cluster task", async () => {
    const { cluster } = await serveOneTree("latest");
    const parent = cluster.create({
      module: "vnodes_to_tablets_migration",
      type: "pow2_convergence",
      scope: "keyspace",
      kind: "cluster",
      keyspace: "shop",
    });
    const child = cluster.create({ module: "tablets", type: "merge", scope: "table", kind: "cluster", parent });
    const { text } = await ask(cluster, `GET /task_manager/task_status/${parent.id}`);
    expect(text).toContain(`"children_ids": [{"task_id": "${child.id}", "node": "0.0.0.0"}]}`);
  });
});

describe("the streamed style", () => {
  it("is that of a recursive status", async () => {
    const { cluster, child, root, spec } = await serveOneTree("latest");
    cluster.create({ ...spec, id: SECOND, scope: "shard", parent: root }).finish();
    child.fail("std::runtime_error (broken)");
    const { text } = await ask(cluster, `GET /task_manager/task_status_recursive/${ROOT}`);
    expect(text).toBe(
      `[{"id":"${ROOT}","type":"repair","kind":"node","scope":"keyspace","state":"running","is_abortable":true,` +
        '"start_time":"2025-05-06T07:08:09Z","end_time":"1970-01-01T00:00:00Z","error":"","parent_id":"none",' +
        `"sequence_number":1,"shard":0,"keyspace":"shop","table":"","entity":${ENTITY},"progress_units":"ranges",` +
        '"progress_total":4,"progress_completed":0.5,' +
        `"children_ids":[{"task_id":"${SECOND}","node":"127.0.0.1"},{"task_id":"${CHILD}","node":"127.0.0.1"}]}, ` +
        `{"id":"${SECOND}","type":"repair","kind":"node","scope":"shard","state":"done","is_abortable":false,` +
        `"start_time":"2025-05-06T07:08:10Z","end_time":"2025-05-06T07:08:10Z","error":"","parent_id":"${ROOT}",` +
        '"sequence_number":1,"shard":0,"keyspace":"shop","table":"","entity":"","progress_units":"ranges",' +
        '"progress_total":0,"progress_completed":0}, ' +
        `{"id":"${CHILD}","type":"repair","kind":"node","scope":"shard","state":"failed","is_abortable":false,` +
        '"start_time":"2025-05-06T07:08:09Z","end_time":"2025-05-06T07:08:10Z","error":"std::runtime_error (broken)",' +
        `"parent_id":"${ROOT}","sequence_number":1,"shard":1,"keyspace":"shop","table":"","entity":"",` +
        '"progress_units":"ranges","progress_total":4,"progress_completed":0.5}]',
    );
  });

  it.each([
    ["6.2", `[${STATS}}]`],
    ["seed", `[${STATS}}]`],
    ["2025.1", `[${STATS}}]`],
    ["2025.2", `[${STATS},${TIMES}}]`],
    ["latest", `[${STATS},${TIMES}}]`],
  ])("%s: is that of a list", async (release, text) => {
    const { cluster } = await serveOneTree(release);
    expect((await ask(cluster, "GET /task_manager/list_module_tasks/repair")).text).toBe(text);
  });

  it("has a comma and a space between rows; an empty list is []", async () => {
    const { cluster } = await serveOneTree("latest");
    expect((await ask(cluster, "GET /task_manager/list_module_tasks/repair?internal=true")).text).toContain(
      'Z"}, {"task_id":"',
    );
    expect((await ask(cluster, "GET /task_manager/list_module_tasks/compaction")).text).toBe("[]");
  });
});

it("long numbers have an exponent", async () => {
  const { cluster, child } = await serveOneTree("latest");
  child.reportProgress(123_456_789_012_345, 2e16);
  const { text } = await ask(cluster, `GET /task_manager/task_status/${CHILD}`);
  expect(text).toContain('"progress_total": 2e+16, "progress_completed": 123456789012345}');
});

describe("over the wire", () => {
  it.each([
    ["GET /task_manager/ttl", 200, "0"],
    ["GET /task_manager/list_modules?nothing=", 200, /^\["compaction","repair",/],
    ["POST /task_manager/drain/repair", 200, ""],
    ["POST /task_manager/nothing", 404, '{"message": "Not found", "code": 404}'],
    ["GET /%zz", 404, '{"message": "Not found", "code": 404}'],
    [`GET /task_manager/task_status/${CHILD}/`, 200, /^\{"id": /],
  ])("%s, %i, comes in one piece", async (request, status, body) => {
    const { cluster } = await serveOneTree("latest");
    const [head = "", text = ""] = (await received(cluster, request)).split("\r\n\r\n");
    const lines = head.toLowerCase().split("\r\n");
    expect(lines[0]).toContain(`http/1.1 ${status}`);
    expect(lines).toContain("server: seastar httpd");
    expect(lines).toContain("content-type: application/json");
    expect(lines).toContain(`content-length: ${Buffer.byteLength(text)}`);
    expect(head).toMatch(/\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/i);
    expect(text).toMatch(body);
  });

  it.each(["list_module_tasks/repair", "list_module_tasks/compaction", `task_status_recursive/${ROOT}`])(
    "%s comes as a stream",
    async (call) => {
      const { cluster } = await serveOneTree("latest");
      const [head = "", text = ""] = (await received(cluster, `GET /task_manager/${call}`)).split(/\r\n\r\n(.*)/s);
      expect(head.toLowerCase().split("\r\n")).toEqual(
        expect.arrayContaining([
          "server: seastar httpd",
          "content-type: application/json",
          "transfer-encoding: chunked",
        ]),
      );
      expect(head).not.toMatch(/content-length/i);
      expect(text).toMatch(/^[0-9a-f]+\r\n\[.*\]\r\n0\r\n\r\n$/s);
    },
  );
});
