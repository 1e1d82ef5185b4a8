import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PAGES } from "./fenced-blocks.js";

const CHROMIUM = "/usr/bin/chromium";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

let site: string;
let pages: string[];
beforeAll(async () => {
  site = mkdtempSync(join(ROOT, "dist-site-"));
  // A warning is an error: of a link that leads nowhere, of a type that is not documented.
  await promisify(execFile)(process.execPath, [join(ROOT, "site/build.mjs"), site]);
  pages = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
}, 180_000);
afterAll(() => rmSync(site, { recursive: true }));

const titleOf = (page: string) => /^# (.*)$/m.exec(readFileSync(join(ROOT, page), "utf8"))?.[1]?.replaceAll("`", "");

describe("the site", () => {
  test("has every page of the documentation, by its heading", () => {
    const titles = pages.map((page) => /<title>(.*?) \|/.exec(readFileSync(join(site, page), "utf8"))?.[1]);
    const wanted = PAGES.filter((page) => page !== "README.md").map(titleOf);
    expect(titles.map((title) => title?.replaceAll("&#39;", "'"))).toEqual(expect.arrayContaining(wanted));
  });

  test("has no dead link", () => {
    const ids = new Map<string, Set<string>>();
    const idsOf = (file: string) => {
      const known =
        ids.get(file) ??
        new Set([...readFileSync(file, "utf8").matchAll(/\bid="([^"]*)"/g)].map(([, id]) => id as string));
      ids.set(file, known);
      return known;
    };
    const dead: string[] = [];
    for (const page of pages) {
      const file = join(site, page);
      for (const [, link = ""] of readFileSync(file, "utf8").matchAll(/\b(?:href|src)="([^"]*)"/g)) {
        if (/^(https?:|data:|mailto:)/.test(link) || /^#(icon-.*)?$/.test(link)) continue;
        const [path = "", anchor = ""] = decodeURIComponent(link.replaceAll("&amp;", "&")).split("#");
        const target = path === "" ? file : resolve(dirname(file), path.split("?")[0] as string);
        if (!existsSync(target)) dead.push(`${page}: ${link}`);
        else if (anchor !== "" && target.endsWith(".html") && !idsOf(target).has(anchor)) dead.push(`${page}: ${link}`);
      }
    }
    expect(dead).toEqual([]);
  });
});

describe.skipIf(!existsSync(CHROMIUM))("in a browser, from files", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  });
  afterAll(() => browser.close());

  const urlOf = (name: string) => pathToFileURL(join(site, name)).href;

  /** Opens a page, and notes what it complains about and what it fetches from elsewhere. */
  async function open<T>(
    name: string,
    options: { width?: number; colorScheme?: "dark" | "light" },
    body: (page: Page) => Promise<T>,
  ): Promise<T> {
    const { width = 1280, colorScheme = "light" } = options;
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!/^(file|data|blob):/.test(request.url())) complaints.push(request.url());
    });
    try {
      await page.goto(urlOf(name));
      const result = await body(page);
      expect(complaints).toEqual([]);
      return result;
    } finally {
      await page.close();
    }
  }

  test("search finds a page by a word of its text, and opens it", async () => {
    await open("index.html", {}, async (page) => {
      await page.click("#tsd-search-trigger");
      await page.fill("#tsd-search-input", "exit codes");
      const found = page.locator("#tsd-search-results a", { hasText: "Exit codes" }).first();
      await found.click();
      await page.waitForURL(/Exit_codes\.html/);
      expect(await page.textContent("h1")).toContain("Exit codes");
    });
  });

  test("is dark for those who like it dark", async () => {
    const background = (colorScheme: "dark" | "light") =>
      open("index.html", { colorScheme }, (page) => page.evaluate("getComputedStyle(document.body).backgroundColor"));
    const [light, dark] = [await background("light"), await background("dark")];
    const brightness = (color: unknown) => Number(/\d+/.exec(String(color))?.[0]);
    expect(brightness(light)).toBeGreaterThan(200);
    expect(brightness(dark)).toBeLessThan(80);
  });

  test("no page is wider than a phone", async () => {
    const wide: string[] = [];
    // One window for all: each that is opened takes a second.
    await open("index.html", { width: 390 }, async (page) => {
      for (const name of pages.filter((name) => name === "index.html" || name.startsWith("documents/"))) {
        await page.goto(urlOf(name));
        const width = await page.evaluate("document.documentElement.scrollWidth");
        if (Number(width) > 390) wide.push(`${name}: ${width}`);
      }
    });
    expect(wide).toEqual([]);
  });
});
