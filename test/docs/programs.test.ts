import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { startMockCluster } from "../../src/mock/index.js";
import { BLOCKS } from "./fenced-blocks.js";

const of = (...languages: string[]) =>
  BLOCKS.filter(({ language }) => languages.includes(language)).map(({ where, text }) => [where, text] as const);

/** Within the package, so that it is found by its name as it is where it was installed. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(fileURLToPath(new URL("../../dist-examples-", import.meta.url)));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the programs of the documentation run", () => {
  test.for(of("js", "ts"))("%s", async ([where, text]) => {
    const mock = await startMockCluster({ scenario: "default" });
    try {
      const file = join(folder, `${where.replaceAll(/\W/g, "-")}.mjs`);
      writeFileSync(file, text.replaceAll("http://127.0.0.1:10000", mock.urls[0] as string));
      const { stderr } = await promisify(execFile)(process.execPath, [file], { timeout: 30_000 });
      expect(stderr).toBe("");
    } finally {
      await mock.stop();
    }
  });
});

describe("the data of the documentation can be read", () => {
  test.for(of("json"))("%s", ([, text]) => expect(() => JSON.parse(text)).not.toThrow());
  test.for(of("yaml"))("%s", ([, text]) => expect(() => parse(text)).not.toThrow());
});
