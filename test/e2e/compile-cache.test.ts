import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runTasks } from "../fixtures/run-tasks.js";

const VERSION = { code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "" };

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "tasks-"));
});

afterEach(() => rm(cache, { recursive: true, force: true }));

const folder = () => join(cache, "scylla-tasks", `${process.version}-${process.arch}`);
const kept = () => join(folder(), "tasks.cjs");
const run = (env: Readonly<Record<string, string>> = {}) =>
  runTasks(["--version"], { env: { HOME: cache, XDG_CACHE_HOME: cache, ...env } });

/** A run that had no use for what was kept puts a new file in its place. */
async function isUsed(): Promise<boolean> {
  const { ino } = await stat(kept());
  expect(await run()).toEqual(VERSION);
  return (await stat(kept())).ino === ino;
}

describe("compiled code", () => {
  test("is kept where nobody else can write, and used by the next run", async () => {
    expect(await run()).toEqual(VERSION);
    expect((await stat(kept())).mode & 0o777).toBe(0o600);
    expect((await stat(folder())).mode & 0o777).toBe(0o700);
    expect(await isUsed()).toBe(true);
    expect((await readdir(folder())).filter((name) => !name.endsWith(".cjs"))).toEqual([]);
  });

  test.each<[string, (bytes: Buffer) => Buffer | Promise<Buffer>]>([
    ["that is broken", (bytes) => bytes.fill(0xff, bytes.length - 20_000, bytes.length - 19_000)],
    ["of another build", (bytes) => bytes.fill("x", 0, 4)],
    ["that is cut off", (bytes) => bytes.subarray(0, bytes.length - 1000)],
    ["that is empty", (bytes) => bytes.subarray(0, 0)],
    ["of zeros", (bytes) => bytes.fill(0)],
  ])("%s is not used, and made anew", async (_, change) => {
    await run();
    await writeFile(kept(), await change(await readFile(kept())));
    expect(await isUsed()).toBe(false);
    expect(await isUsed()).toBe(true);
  });

  test("that others can write to is not used, and made anew", async () => {
    await run();
    await chmod(kept(), 0o620);
    expect(await isUsed()).toBe(false);
    expect(await isUsed()).toBe(true);
  });

  test.each([
    ["NODE_DISABLE_COMPILE_CACHE is set", { NODE_DISABLE_COMPILE_CACHE: "1" }],
    ["there is no home", { HOME: "" }],
    ["the home is somebody else's, or not there", { HOME: "/nonexistent" }],
  ])("is not kept where %s", async (_, env) => {
    expect(await run(env)).toEqual(VERSION);
    expect(await readdir(cache)).toEqual([]);
  });

  test("that cannot be kept does not show", async () => {
    await writeFile(join(cache, "scylla-tasks"), "a file in the way");
    expect(await run()).toEqual(VERSION);
  });
});
