import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { runTasks } from "../fixtures/run-tasks.js";

const run = promisify(execFile);
const SSHD = "/usr/sbin/sshd";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// The continuous integration installs sshd; on a machine without it there is nothing to log in to.
describe.skipIf(!existsSync(SSHD))("through a real sshd", () => {
  let folder: string;
  let sshd: ChildProcess;
  let mock: MockCluster;
  let proxyCommand: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tasks-ssh-"));
    const port = await freePort();
    for (const name of ["host", "user"])
      await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
    const config = join(folder, "sshd_config");
    await writeFile(
      config,
      `Port ${port}
ListenAddress 127.0.0.1
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
`,
    );
    // sshd started by root insists on its folder for privilege separation.
    if (userInfo().uid === 0) await mkdir("/run/sshd", { recursive: true });
    sshd = spawn(SSHD, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
    let log = "";
    await new Promise<void>((resolve, reject) => {
      sshd.stderr?.setEncoding("utf8").on("data", (text: string) => {
        log += text;
        if (log.includes("Server listening")) resolve();
      });
      sshd.on("close", () => reject(new Error(`sshd ended: ${log}`)));
    });
    mock = await startMockCluster({ nodes: 3, scenario: "idle" });
    const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes", "LogLevel=ERROR"];
    proxyCommand = `ssh -F none -i ${folder}/user ${options.map((option) => `-o ${option}`).join(" ")} -p ${port} -W %h:%p ${userInfo().username}@127.0.0.1`;
  }, 20_000);

  afterAll(async () => {
    sshd.kill();
    await mock.stop();
    await rm(folder, { recursive: true });
  });

  test("one node answers", async () => {
    const port = new URL(mock.urls[0] as string).port;
    const answer = await runTasks(["modules", "-h", "127.0.0.1", "-p", port, "--proxy-command", proxyCommand]);
    expect(answer).toMatchObject({ code: 0, stderr: "" });
    expect(answer.stdout).toContain("compaction\n");
  });

  test("--all-nodes goes through it for each node", async () => {
    const port = new URL(mock.urls[0] as string).port;
    mock.clearRequests();
    const answer = await runTasks(["modules", "-a", "-h", "127.0.0.1", "-p", port, "--proxy-command", proxyCommand]);
    expect(answer).toMatchObject({ code: 0, stderr: "" });
    expect(new Set(mock.requests.map(({ node }) => node))).toEqual(new Set(["127.0.0.1", "127.0.0.2", "127.0.0.3"]));
  });
});
