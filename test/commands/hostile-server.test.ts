import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NIL_UUID } from "../../src/vocabulary.js";
import { type Answer, jsonAnswer, textAnswer } from "../fixtures/scripted-server.js";
import { against, ID } from "../fixtures/wait-servers.js";

describe.concurrent("a hostile server", () => {
  test.each([
    [[], `${ID}\n`],
    [["--json"], expect.stringContaining(ID)],
  ])("has a row left out of a list whose id could be an option %j", async (options, stdout) => {
    const rows = jsonAnswer([{ task_id: "--proxy-command=touch planted;false" }, { task_id: ID }, { task_id: "-h" }]);
    const args = options.length === 0 ? ["-o", "name"] : options;
    const run = await against(rows, ["list", "compaction", ...args]);
    expect(run).toMatchObject({ code: 3, stdout });
    expect(run.stdout).not.toContain("proxy-command");
    expect(run.stderr).toMatch(/^warning: 2 rows were left out, the first: .*task_id of element 0 .* should be an id/);
  });

  test("has a module left out whose name could be an option", async () => {
    const run = await against(jsonAnswer(["compaction", "--help"]), ["modules"]);
    expect(run).toMatchObject({ code: 3, stdout: "compaction\n" });
  });

  test("does not get an option into the recipe `id=$(tasks start ...)`", async () => {
    const run = await against(jsonAnswer("--help"), ["start", "compaction", "shop"]);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain("the id of the new task should be an id");
  });

  test.each([[[]], [["--wait"]]])("that has nothing to do starts no task %j", async (options) => {
    const plain = await against(jsonAnswer(NIL_UUID), ["start", "cleanup", "shop", ...options]);
    expect(plain).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("nothing to do") });
    expect(plain.requests).toHaveLength(1);
    const json = await against(jsonAnswer(NIL_UUID), ["start", "cleanup", "shop", "--json", ...options]);
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toEqual({ task_id: null });
  });

  test("that goes on and on is cut at --max-response", async () => {
    const endless: Answer = (_request, response) => {
      const row = `{"task_id":"${ID}"},`.repeat(1000);
      response.write("[");
      const more = () => {
        while (!response.destroyed && response.write(row));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    };
    const run = await against(endless, ["list", "compaction", "-o", "csv", "--max-response", "1MB"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("it is larger than 1 MB; raise the limit with --max-response");
  });

  test("that repeats the token shows it to nobody", async () => {
    const folder = await mkdtemp(join(tmpdir(), "hostile-server-"));
    try {
      const token = "s3cr3t-t0k3n-of-nobody";
      const file = join(folder, "token");
      await writeFile(file, token, { mode: 0o600 });
      const answers: [string[], Answer, number][] = [
        [["list", "compaction"], textAnswer(`${token} is wrong`), 2],
        [["status", ID], jsonAnswer({ message: `bad ${token}`, code: 401 }, 401), 4],
        [["status", ID], jsonAnswer({ id: ID, state: "failed", error: `bad ${token}` }), 0],
        [["list", "compaction", "--json"], jsonAnswer([{ task_id: ID, entity: token }]), 0],
        [["wait", ID], textAnswer(`"${token}`), 125],
        [["doctor"], textAnswer(`bad ${token}`, 401), 1],
      ];
      for (const [args, answer, code] of answers) {
        const run = await against(answer, [...args, "--token-file", file]);
        expect([args, run.code, `${run.stdout}${run.stderr}`.includes(token.slice(0, 10))]).toEqual([
          args,
          code,
          false,
        ]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each(["Content-Length: 5", "Transfer-Encoding: chunked"])("is sent no header %s", async (line) => {
    const folder = await mkdtemp(join(tmpdir(), "hostile-server-"));
    try {
      const file = join(folder, "headers");
      await writeFile(file, `X-One: 1\n${line}\n`, { mode: 0o600 });
      const run = await against(jsonAnswer([]), ["list", "compaction", "--header-file", file]);
      expect(run).toMatchObject({ code: 1, stdout: "", requests: [] });
      expect(run.stderr).toContain("line 2: the header");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
