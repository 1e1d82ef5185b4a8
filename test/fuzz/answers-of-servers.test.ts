import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { runInProcess } from "../fixtures/run-in-process.js";
import { type Run, runTasks } from "../fixtures/run-tasks.js";
import { honestAnswer } from "./answers.js";
import { COMMANDS, FORMATS, type FuzzedCommand } from "./commands.js";
import { brokenPromises, type Sent } from "./invariants.js";
import { answerBytes, type Mutation, mutatedText, mutation, NO_MUTATION, TOKEN } from "./mutations.js";
import { type RawServer, rawServer } from "./raw-server.js";

const { cases, processCases, seed } = inject("fuzz");

/** One run of one command against one server. */
interface Case {
  readonly command: FuzzedCommand;
  readonly format: readonly string[];
  readonly state: string;
  readonly isCluster: boolean;
  readonly mutation: Mutation;
  /** Which requests get the mutated answer: all, or the one of this number. */
  readonly mutates: number | "all";
}

const fuzzedCase: fc.Arbitrary<Case> = fc.record({
  command: fc.constantFrom(...COMMANDS),
  format: fc.constantFrom(...FORMATS),
  state: fc.constantFrom("running", "done", "failed"),
  isCluster: fc.boolean(),
  mutation,
  mutates: fc.oneof(fc.constant("all" as const), fc.nat(5)),
});

let server: RawServer;
let directory: string;
let header: string;

beforeAll(async () => {
  server = await rawServer();
  directory = mkdtempSync(join(tmpdir(), "tasks-fuzz-"));
  header = join(directory, "headers");
  writeFileSync(header, `X-Api-Key: ${TOKEN}\n`, { mode: 0o600 });
});

afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

/** What a run did wrong, and what is needed to see it. */
interface Finding {
  readonly broken: readonly string[];
  readonly again: string;
  readonly command: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly sent: readonly string[];
}

async function play(
  one: Case,
  again: string,
  run: (args: readonly string[], end: AbortSignal) => Promise<Run>,
): Promise<Finding[]> {
  const { command, isCluster, state } = one;
  const format = command.takesFormats ? one.format : [];
  const sent: Sent[] = [];
  const end = new AbortController();
  server.play((request) => {
    const isMutated = one.mutates === "all" || one.mutates === sent.length;
    const { method, target } = request;
    const edit = isMutated ? one.mutation : NO_MUTATION;
    const text = mutatedText(honestAnswer(request, state), edit);
    sent.push({ method, target, status: edit.http.status, text });
    if (sent.length === command.requests) end.abort();
    return answerBytes(text, edit);
  });
  const url = `http://127.0.0.1:${server.port}`;
  const where = isCluster ? ["-a", "--node-url", `http://%h:${server.port}`, "--node-timeout", "2s"] : [];
  const connection = ["--url", url, ...where, "--request-timeout", "2s", "--header-file", header, "--insecure-token"];
  const args = [...command.args, ...format];
  const { code, stdout, stderr } = await run([...connection, ...args], end.signal);
  const broken = brokenPromises(command, format, { code, stdout, stderr }, sent);
  if (broken.length === 0) return [];
  const cut = (text: string) => text.slice(0, 400);
  const told = sent.slice(0, 8).map(({ method, target, status, text }) => cut(`${method} ${target} ${status} ${text}`));
  return [
    {
      broken,
      again,
      command: [...args, ...(isCluster ? ["-a"] : [])].join(" "),
      code,
      stdout: cut(stdout),
      stderr: cut(stderr),
      sent: told,
    },
  ];
}

/** Each case from a seed of its own, so that one can be run again alone. */
async function findings(count: number, again: string, run: Parameters<typeof play>[2]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (let index = 0; index < count && found.length < MOST_FINDINGS; index++) {
    const [one] = fc.sample(fuzzedCase, { numRuns: 1, seed: seed + index });
    if (one === undefined) throw new Error("fast-check gave no case");
    found.push(...(await play(one, `FUZZ_SEED=${seed + index} ${again} npm run fuzz`, run)));
  }
  return found;
}

const MOST_FINDINGS = 20;

const HOURS = 3_600_000;

describe("whatever a server answers", () => {
  it(`keeps every promise in ${cases} runs within this process`, { timeout: 10 * HOURS }, async () => {
    const run = (args: readonly string[], end: AbortSignal) => runInProcess(args, { TASKS_TOKEN: TOKEN }, { end });
    expect(await findings(cases, "FUZZ_CASES=1 FUZZ_PROCESS_CASES=0", run)).toEqual([]);
  });

  it(`keeps every promise in ${processCases} runs of the program`, { timeout: 10 * HOURS }, async () => {
    const env = { TASKS_TOKEN: TOKEN, TASKS_CONFIG: "/nonexistent" };
    const run = (args: readonly string[], end: AbortSignal) => runTasks(args, { env, end });
    expect(await findings(processCases, "FUZZ_CASES=0 FUZZ_PROCESS_CASES=1", run)).toEqual([]);
  });
});
