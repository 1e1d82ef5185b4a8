import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeDirectory } from "../../src/runtime/make-directory.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "directories-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a directory", () => {
  test("is made with those above it, for its owner alone", async () => {
    const made = join(folder, "a", "b", "c");
    await makeDirectory(made);
    expect((await stat(made)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, "a"))).mode & 0o777).toBe(0o700);
  });

  test("may be there already", async () => {
    await makeDirectory(folder);
    expect((await stat(folder)).isDirectory()).toBe(true);
  });

  test("may be made twice at once", async () => {
    const made = join(folder, "x", "y");
    await Promise.all([makeDirectory(made), makeDirectory(made)]);
    expect((await stat(made)).isDirectory()).toBe(true);
  });

  test("is refused in the place of a file, and below one", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(makeDirectory(file)).rejects.toThrow("EEXIST");
    await expect(makeDirectory(join(file, "below"))).rejects.toThrow("ENOTDIR");
  });

  test("is refused where none can be made, and not tried for ever", async () => {
    await expect(makeDirectory("/proc/none/below")).rejects.toThrow(/ENOENT|EACCES|EROFS/);
  });
});
