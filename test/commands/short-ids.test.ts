import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { runInProcess } from "../fixtures/run-in-process.js";

const COMPACTION = { module: "compaction", type: "major compaction", scope: "keyspace", keyspace: "shop" } as const;
const [FIRST, SECOND, CHILD] = [
  "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f",
  "5e1f9999-8a1d-4c1e-9d43-1b2a3c4d5e6f",
  "0d6c1d7e-1b1a-4f7e-8f43-ad37e1b2b9a1",
] as const;

let mock: MockCluster;
let port: string;
beforeAll(async () => {
  mock = await startMockCluster({ scenario: "idle", release: "2026.3", nodes: 2 });
  port = new URL(mock.urls[0] as string).port;
  const parent = mock.create({ ...COMPACTION, id: FIRST, isAbortable: true });
  mock.create({ ...COMPACTION, id: SECOND, node: 1, isUserTask: true }).fail("disk full");
  mock.create({ ...COMPACTION, id: CHILD, scope: "shard", parent });
});
afterAll(() => mock.stop());

const tasks = (args: readonly string[], input?: string) =>
  runInProcess(["-h", "127.0.0.1", "-p", port, ...args], {}, input === undefined ? {} : { input });

describe("an id may be shortened", () => {
  test.each([["5e1f4"], ["5E1F-4b"], ["5e1f4b0c8a1d4c1e"], [FIRST], [FIRST.replaceAll("-", "")]])(
    "to %s",
    async (word) => {
      const run = await tasks(["status", word, "-o", "csv", "--fields", "id"]);
      expect(run).toEqual({ code: 0, stdout: `id\r\n${FIRST}\r\n`, stderr: "" });
    },
  );

  test.each(["status", "tree", "explain", "abort"])(
    "for %s, also of a task that is a part of another",
    async (command) => {
      expect(await tasks([command, "0d6c"])).toMatchObject({ code: 0, stderr: "" });
    },
  );

  test("for wait, and for a task of another node with -a", async () => {
    expect(await tasks(["wait", "5e1f4", "--timeout", "0.1", "--quiet"])).toMatchObject({ code: 124 });
    const run = await tasks(["-a", "status", "5e1f9", "--fields", "node,state", "-o", "csv"]);
    expect(run).toMatchObject({ code: 0, stdout: "node,state\r\n127.0.0.2,failed\r\n" });
  });

  test("but not to what begins several, which are named", async () => {
    expect(await tasks(["-a", "status", "5e1f"])).toEqual({
      code: 1,
      stdout: "",
      stderr: `error: 2 tasks have ids that start with '5e1f': ${FIRST}, ${SECOND}\nGive more characters.\n`,
    });
  });

  test.each(["status", "tree", "explain", "abort", "wait"])(
    "%s of what begins none is a usage error",
    async (command) => {
      expect(await tasks([command, "ffff"])).toEqual({
        code: 1,
        stdout: "",
        stderr: expect.stringMatching(
          /^error: no listed task has an id that starts with 'ffff'\nIt may be on another node: [^\n]*\n$/,
        ),
      });
    },
  );
});

test.each(["status", "tree", "explain", "abort", "wait"])(
  "%s asks nothing for a word that can be no id",
  async (command) => {
    const before = mock.requests.length;
    for (const word of ["", "5e1", "--5e1", "5e1g4", "done", `${FIRST}0`]) {
      expect(await tasks([command, "--", word])).toMatchObject({ code: 1, stdout: "" });
    }
    expect(mock.requests).toHaveLength(before);
  },
);

test("a word of an id's length is passed on as it is, with no other request", async () => {
  mock.clearRequests();
  const word = `${"x/".repeat(17)}x?`;
  expect(await tasks(["status", word])).toMatchObject({ code: 4 });
  expect(mock.requests.map(({ url }) => url)).toEqual([`/task_manager/task_status/${encodeURIComponent(word)}`]);
});

describe("- reads ids from stdin", () => {
  test("for wait and abort as many as there are, each once", async () => {
    const waited = await tasks(
      ["wait", "-", "--timeout", "0.1", "-o", "csv", "--fields", "id"],
      `${FIRST}\n0d6c\n${FIRST}\n`,
    );
    expect(waited).toMatchObject({ code: 124, stdout: expect.stringContaining(`${FIRST}\r\n${CHILD}\r\n`) });
  });

  test("for status one", async () => {
    expect(await tasks(["status", "-"], `${FIRST}\n`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(FIRST),
    });
    expect(await tasks(["status", "-"], `${FIRST} ${CHILD}`)).toMatchObject({
      code: 1,
      stderr: "error: expected one id on stdin, got 2\n",
    });
  });

  test("and where there is none that is an error, as whoever should have written them may have failed", async () => {
    expect(await tasks(["wait", "-"], "\n")).toMatchObject({
      code: 1,
      stderr: "error: required parameter is missing: id (stdin has none)\n",
    });
    expect(await tasks(["abort", "-"], "--yes\n")).toMatchObject({ code: 1, stdout: "" });
  });
});
