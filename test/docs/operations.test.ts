import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type MockCluster, type MockClusterOptions, startMockCluster } from "../../src/mock/index.js";
import { TASKS } from "../fixtures/run-tasks.js";

const text = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
const recipes = new Map(
  [...text.matchAll(/^```(?:sh|crontab|yaml) (\S+)\n(.*?)^```$/gms)].map(([, name = "", body = ""]) => [name, body]),
);

/** A folder with the program under its name, and stand-ins that write down what they are called with. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "recipes-"));
  const command = (name: string, body: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  command("tasks", `exec '${process.execPath}' '${TASKS}' "$@"`);
  for (const name of ["curl", "ssh"]) command(name, `echo ${name} "$@" >> '${join(folder, "called")}'`);
});
afterAll(() => rmSync(folder, { recursive: true }));

function script(name: string): string {
  const body = recipes.get(name);
  if (body === undefined) throw new Error(`there is no recipe ${name}`);
  // The mock's nodes are on loopback.
  return body.replaceAll("10.0.0.", "127.0.0.");
}

/** Runs a script of a shell where the program asks the mock. */
async function run(body: string, mock: MockCluster, env: Readonly<Record<string, string>> = {}) {
  writeFileSync(join(folder, "called"), "");
  const port = new URL(mock.urls[0] as string).port;
  const child = spawn("sh", ["-c", body], {
    cwd: folder,
    env: {
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      HOME: folder,
      TASKS_CONFIG: "/nonexistent",
      TASKS_HOST: "127.0.0.1",
      TASKS_PORT: port,
      ...env,
    },
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (piece) => {
    stderr += piece;
  });
  child.stdin.end();
  const code = await new Promise((resolve) => child.on("close", resolve));
  return { code, stderr, called: readFileSync(join(folder, "called"), "utf8") };
}

async function onCluster<T>(body: (mock: MockCluster) => Promise<T>, options: MockClusterOptions = {}): Promise<T> {
  const mock = await startMockCluster({ scenario: "idle", nodes: 3, speed: 1000, ...options });
  try {
    return await body(mock);
  } finally {
    await mock.stop();
  }
}

const read = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
const startsOf = (mock: MockCluster, path: string) =>
  mock.requests.filter(({ url }) => url.startsWith(path)).map(({ url, node }) => `${node} ${url}`);

describe("the recipes of docs/operations.md", () => {
  const alert = { ALERT_URL: "https://alerts.example.com" };

  test("nightly repair: all tables once, each keyspace of vnodes on every node, and no alert", async () => {
    await onCluster(async (mock) => {
      // At this speed an hour, as long as servers remember by default, may be over before the second night.
      for (const url of mock.urls) await fetch(`${url}/task_manager/user_ttl?user_ttl=10000000`, { method: "POST" });
      const { code, stderr, called } = await run(script("nightly-repair"), mock, alert);
      expect(code, stderr).toBe(0);
      expect(called).toBe("");
      expect(read("tablets.json").nodes.map(({ table, state }: Record<string, string>) => `${table} ${state}`)).toEqual(
        ["readings done", "devices done", "readings_by_day nothing to do"],
      );
      expect(read("vnodes.json").nodes.map(({ state }: Record<string, string>) => state)).toEqual(
        Array(6).fill("done"),
      );
      // Once more, and the tables of tablets are left out.
      mock.clearRequests();
      expect((await run(script("nightly-repair"), mock, alert)).code).toBe(0);
      expect(startsOf(mock, "/storage_service/tablets/repair")).toHaveLength(1);
    });
  });

  test("nightly repair: one that fails is told, and the others go on", async () => {
    await onCluster(async (mock) => {
      mock.addFault({ path: "/storage_service/repair_async/shop", node: 1, task: { error: "std::runtime_error (x)" } });
      const { code, called } = await run(script("nightly-repair"), mock, alert);
      expect(code).toBe(123);
      expect(called).toBe("curl --fail --silent --data nightly repair: exit code 123 https://alerts.example.com\n");
      expect(read("vnodes.json").nodes.filter(({ state }: { state: string }) => state === "done")).toHaveLength(5);
    });
  });

  test("backup: each table on every node, and a failure is not passed over", async () => {
    await onCluster(async (mock) => {
      const { code, stderr } = await run(script("backup"), mock);
      expect(code, stderr).toBe(0);
      expect(startsOf(mock, "/storage_service/backup")).toHaveLength(6);
      expect(read("backup-orders.json").nodes.map(({ state }: { state: string }) => state)).toEqual(
        Array(3).fill("done"),
      );
      mock.addFault({ path: "/storage_service/backup", node: 2, task: { error: "std::runtime_error (denied)" } });
      expect((await run(script("backup"), mock)).code).toBe(123);
    });
  });

  test("rolling cleanup: waits for the gate, then node after node", async () => {
    await onCluster(async (mock) => {
      const { code, stderr } = await run(quickGate(script("rolling-cleanup")), mock);
      expect(code, stderr).toBe(0);
      expect(startsOf(mock, "/tasks/")).toEqual(
        ["shop", "accounts"].flatMap((keyspace) =>
          [1, 2, 3].map((host) => `127.0.0.${host} /tasks/compaction/keyspace_cleanup/${keyspace}`),
        ),
      );
    });
  });

  test("rolling restart: each node after the gate", async () => {
    await onCluster(async (mock) => {
      const { code, stderr, called } = await run(quickGate(script("rolling-restart")), mock);
      expect(code, stderr).toBe(0);
      expect(called).toBe(
        [1, 2, 3].map((host) => `ssh 127.0.0.${host} sudo systemctl restart scylla-server\n`).join(""),
      );
    });
  });

  test("rolling restart: nothing is restarted while a repair runs", async () => {
    await onCluster(async (mock) => {
      mock.create({ module: "repair", type: "repair", scope: "keyspace", keyspace: "shop", node: 2 });
      const { code, called } = await run(quickGate(script("rolling-restart")).replace("30m", "1s"), mock);
      expect(code).toBe(1);
      expect(called).toBe("");
    });
  });

  test("cron: runs the script of the nightly repair", async () => {
    await onCluster(async (mock) => {
      writeFileSync(join(folder, "nightly-repair.sh"), script("nightly-repair"));
      const lines = script("nightly").trim().split("\n");
      const [, , , , , , command = ""] = /^(\S+) (\S+) (\S+) (\S+) (\S+) (.*)$/.exec(lines.at(-1) ?? "") ?? [];
      const settings = Object.fromEntries(lines.slice(0, -1).map((line) => line.split("=") as [string, string]));
      const here = command.replace("/var/log/scylla-repair", `'${folder}'`);
      const { code, called } = await run(here, mock, settings);
      expect(code).toBe(0);
      expect(called).toBe("");
      expect(readFileSync(join(folder, "repair.log"), "utf8")).toContain("telemetry.readings: started task");
    });
  });

  test("GitHub Actions: each step", async () => {
    await onCluster(async (mock) => {
      const { env, steps } = parse(script("upgrade")).jobs.upgrade;
      for (const step of steps as readonly { name: string; run: string }[]) {
        const { code, stderr } = await run(quickGate(step.run), mock, env);
        expect(code, `${step.name}: ${stderr}`).toBe(0);
      }
      expect(startsOf(mock, "/tasks/compaction/keyspace_upgrade_sstables/shop")).toHaveLength(3);
    });
  });

  test("there is no other", () => {
    expect([...recipes.keys()]).toEqual([
      "rolling-restart",
      "nightly-repair",
      "backup",
      "rolling-cleanup",
      "nightly",
      "upgrade",
    ]);
  });
});

/** The gate holds for ten seconds, which no test has. */
const quickGate = (body: string) => body.replaceAll("--wait", "--wait --for 100ms");
