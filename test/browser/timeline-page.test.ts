import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TaskStatus } from "../../src/client/wire.js";
import { runTasks } from "../fixtures/run-tasks.js";
import { jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";
import { HOSTILE, hostileTree, repairTree, troubledTree, wideTree } from "../fixtures/timeline-trees.js";

const CHROMIUM = "/usr/bin/chromium";
/** What the page looks like, kept for people. */
const SHOTS = fileURLToPath(new URL("shots/", import.meta.url));

const ROW = 24;

const TREES = { repair: repairTree, troubled: troubledTree, many: () => wideTree(10_000), hostile: hostileTree };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tasks-page-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The page that the program writes of a tree. */
async function pageOf(name: string, statuses: readonly TaskStatus[]): Promise<string> {
  const server = await scriptedServer({
    "/storage_service/scylla_release_version": jsonAnswer("2026.3.0"),
    [`/task_manager/task_status_recursive/${statuses[0]?.id}`]: jsonAnswer(statuses),
  });
  try {
    const file = join(folder, `${name}.html`);
    const id = statuses[0]?.id as string;
    const run = await runTasks(["--url", server.url, "timeline", id, "--html", file]);
    expect(run).toEqual({ code: 0, stdout: "", stderr: "" });
    return file;
  } finally {
    await server.stop();
  }
}

test("the page lets nothing run but its script, and names nothing that is elsewhere", async () => {
  const text = await readFile(await pageOf("policy", repairTree()), "utf8");
  const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text) ?? [];
  expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data:;/);
  expect(policy).not.toContain("unsafe");
  expect(text.match(/<script/g)).toHaveLength(2);
  expect(text).not.toMatch(/ (on\w+|style)=|<(img|iframe|object|embed|base|form)\b|\b(src|href)="(?!data:,)/);
});

test("what a server calls things is data of the page, and cannot end it", async () => {
  const text = await readFile(await pageOf("hostile-text", hostileTree()), "utf8");
  expect(text.match(/<script/g)).toHaveLength(2);
  expect(text).not.toMatch(/[\u2028\u2029\u202e]/);
  const [, json = ""] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(text) ?? [];
  expect(JSON.parse(json).texts.join(" ")).toContain(HOSTILE.slice(0, 40));
});

// The continuous integration installs Chromium; on a machine without it there is nothing to look at the page with.
describe.skipIf(!existsSync(CHROMIUM))("in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    await mkdir(SHOTS, { recursive: true });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  }, 60_000);
  afterAll(() => browser.close());

  const files = new Map<string, Promise<string>>();
  const fileOf = (name: string, make: () => readonly TaskStatus[]) => {
    const made = files.get(name) ?? pageOf(name, make());
    files.set(name, made);
    return made;
  };

  /** Opens a page, uses it, and expects that it neither complained nor asked anybody anything. */
  async function using(
    file: string,
    options: BrowserContextOptions,
    use: (page: Page) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const wrong: string[] = [];
    const page = await context.newPage();
    page.on("console", (message) => wrong.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => wrong.push(String(error)));
    page.on("request", (request) => {
      if (request.url() !== pathToFileURL(file).href && !request.url().startsWith("data:")) wrong.push(request.url());
    });
    try {
      await page.goto(pathToFileURL(file).href);
      await page.locator(".row").first().waitFor();
      await use(page);
      expect(wrong).toEqual([]);
    } finally {
      await context.close();
    }
  }

  test.each([
    ["wide", { width: 1280, height: 800 }],
    ["narrow", { width: 390, height: 844 }],
  ] as const)("renders %s, light and dark, and is kept to be looked at", async (name, viewport) => {
    for (const [tree, make] of Object.entries(TREES)) {
      const colors: string[] = [];
      for (const colorScheme of ["light", "dark"] as const) {
        await using(await fileOf(tree, make), { viewport, colorScheme }, async (page) => {
          await page.locator("#tree").focus();
          await page.keyboard.press("ArrowDown");
          await page.screenshot({ path: join(SHOTS, `${tree}-${name}-${colorScheme}.png`) });
          colors.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
          expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
          expect(await inked(page, "#bars")).toBeGreaterThan(500);
          expect(await inked(page, "#axis")).toBeGreaterThan(100);
        });
      }
      expect(new Set(colors).size).toBe(2);
    }
  });

  test("a hostile name is text wherever it is shown", async () => {
    await using(await fileOf("hostile", hostileTree), {}, async (page) => {
      await openTable(page);
      await page.locator(".row").nth(2).click();
      await page.locator("#color").selectOption("node");
      await page.locator("#search").fill("</script>");
      expect(await page.locator("#matches").textContent()).toBe("18 of 18");
      expect(await page.evaluate(() => "hacked" in window)).toBe(false);
      expect(await page.locator("b, b *, script:not(#data)").count()).toBe(1);
      expect(await page.locator("#details h2").textContent()).toContain(
        "</script><script>window.hacked=1</script><b>\"'&amp;",
      );
      expect(await page.locator("#all td").nth(7).textContent()).toContain("\\u202eevil");
      expect(await page.title()).toContain("</script>");
    });
  });

  test("hover shows what a bar is, and the chosen task all that is known of it", async () => {
    await using(await fileOf("troubled", troubledTree), {}, async (page) => {
      expect(await page.locator("#tip").isHidden()).toBe(true);
      const bars = await box(page, "#bars");
      await page.mouse.move(bars.x + 3, bars.y + ROW * 2.5);
      expect(await page.locator("#tip").innerText()).toContain("error: std::runtime_error (disk full)");
      await page.mouse.move(bars.x + 600, bars.y + ROW * 2.5);
      expect(await page.locator("#tip").isHidden()).toBe(true);
      await page.mouse.click(bars.x + 3, bars.y + ROW * 2.5);
      expect(await page.locator("#details pre").innerText()).toBe("std::runtime_error (disk full)");
      expect(await chosen(page)).toContain("table shop.orders, shard 1");
    });
  });

  test("keys go from task to task, close and open, and zoom", async () => {
    await using(await fileOf("repair", repairTree), {}, async (page) => {
      const press = async (...keys: string[]) => {
        for (const key of keys) await page.keyboard.press(key);
        await drawn(page);
      };
      const whole = await shown(page);
      await page.locator("#tree").focus();
      expect(await chosen(page)).toContain("repair, keyspace shop");
      await press("ArrowDown", "ArrowDown");
      expect(await chosen(page)).toContain("shard 3");
      const active = await page.locator("#tree").getAttribute("aria-activedescendant");
      expect(await page.locator(`#${active}`).getAttribute("aria-level")).toBe("3");
      await press("ArrowLeft", "ArrowLeft");
      expect(await page.locator(".row.chosen").getAttribute("aria-expanded")).toBe("false");
      expect(await rowCount(page)).toBe(14);
      await press("ArrowRight");
      expect(await rowCount(page)).toBe(18);
      await press("End", "Enter");
      const zoomed = await shown(page);
      expect(zoomed).toMatch(/^2026-11-24 03:28:00 – 04:12:00$/);
      await press("Shift+ArrowLeft");
      expect(await shown(page)).not.toBe(zoomed);
      await press("0");
      expect(await shown(page)).toBe(whole);
      await press("+", "+");
      expect(await shown(page)).not.toBe(whole);
      await press("-", "-", "Home", "c");
      expect(await shown(page)).toBe(whole);
      expect(await chosen(page)).toBe("shard 0, shop");
    });
  });

  test("search finds, counts, goes from match to match, and gives the focus back", async () => {
    await using(await fileOf("many", TREES.many), {}, async (page) => {
      await page.locator("#tree").focus();
      await page.keyboard.press("/");
      await page.keyboard.type("FAILED no replica");
      expect(await page.locator("#matches").textContent()).toBe("103 of 10000");
      await page.keyboard.press("Enter");
      await drawn(page);
      const first = await chosen(page);
      await page.locator("#next").click();
      await drawn(page);
      expect(await chosen(page)).not.toBe(first);
      await page.locator("#previous").click();
      await drawn(page);
      expect(await chosen(page)).toBe(first);
      expect(await page.locator(".row.chosen.match").count()).toBe(1);
      await page.locator("#search").focus();
      await page.keyboard.press("Escape");
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("tree");
      await page.keyboard.press("Escape");
      expect(await page.locator("#matches").textContent()).toBe("");
    });
  });

  test("the mouse zooms with Ctrl and the wheel, moves by dragging, scrolls with the wheel", async () => {
    await using(await fileOf("many", TREES.many), {}, async (page) => {
      const bars = await box(page, "#bars");
      const whole = await shown(page);
      await page.mouse.move(bars.x + bars.width / 2, bars.y + bars.height / 2);
      await page.mouse.wheel(0, 240);
      await page.waitForFunction(() => (document.getElementById("scroller")?.scrollTop ?? 0) > 100);
      expect(await shown(page)).toBe(whole);
      await page.keyboard.down("Control");
      await page.mouse.wheel(0, -200);
      await page.keyboard.up("Control");
      await changed(page, whole);
      const zoomed = await shown(page);
      const top = () => page.evaluate(() => document.getElementById("scroller")?.scrollTop ?? 0);
      const before = await top();
      await page.mouse.down();
      await page.mouse.move(bars.x + bars.width / 2 - 200, bars.y + bars.height / 2 - 60, { steps: 4 });
      await page.mouse.up();
      await changed(page, zoomed);
      expect(await top()).toBe(before + 60);
      const dragged = await shown(page);
      await page.mouse.wheel(300, 0);
      await changed(page, dragged);
      await page.locator("#fit").click();
      await page.waitForFunction((text) => document.getElementById("window")?.textContent === text, whole);
      await page.mouse.dblclick(bars.x + 4, bars.y + ROW * 3.5);
      await changed(page, whole);
    });
  });

  test("fingers move, zoom, and choose", async () => {
    const touch = { hasTouch: true, viewport: { width: 390, height: 844 } };
    await using(await fileOf("repair", repairTree), touch, async (page) => {
      const bars = await box(page, "#bars");
      const [x, y] = [bars.x + 100, bars.y + 60];
      await page.touchscreen.tap(bars.x + 20, bars.y + ROW * 2.5);
      expect(await chosen(page)).toContain("shard 3");
      const whole = await shown(page);
      const session = await page.context().newCDPSession(page);
      const send = (type: "touchStart" | "touchMove" | "touchEnd", ...points: [number, number][]) =>
        session.send("Input.dispatchTouchEvent", {
          type,
          touchPoints: points.map(([px, py], id) => ({ x: px, y: py, id })),
        });
      await send("touchStart", [x - 10, y], [x + 10, y]);
      await send("touchMove", [x - 40, y], [x + 40, y]);
      await send("touchMove", [x - 60, y], [x + 60, y]);
      await send("touchEnd");
      await changed(page, whole);
      const zoomed = await shown(page);
      await send("touchStart", [x, y]);
      await send("touchMove", [x - 40, y - 20]);
      await send("touchMove", [x - 60, y - 30]);
      await send("touchEnd");
      await changed(page, zoomed);
    });
  });

  test("the tools colour by type or node, show the critical path alone, and change the theme", async () => {
    await using(await fileOf("repair", repairTree), { colorScheme: "light" }, async (page) => {
      const legend = () => page.locator("#legend span").allTextContents();
      expect(await legend()).toEqual(["done (18)"]);
      await page.locator("#color").selectOption("node");
      expect(await legend()).toEqual(["127.0.0.3 (7)", "127.0.0.2 (5)", "127.0.0.1 (5)", "cluster (1)"]);
      await page.locator("#color").selectOption("type");
      expect(await legend()).toEqual(["repair (18)"]);
      await page.locator("#critical").check();
      await drawn(page);
      expect(await rowCount(page)).toBe(8);
      await page.locator("#critical").uncheck();
      await page.locator("#collapse").click();
      await drawn(page);
      expect(await rowCount(page)).toBe(4);
      await page.locator("#expand").click();
      await drawn(page);
      expect(await rowCount(page)).toBe(18);
      const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
      expect(await theme()).toBe("light");
      await page.emulateMedia({ colorScheme: "dark" });
      await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
      await page.locator("#theme").click();
      expect(await theme()).toBe("light");
      await page.locator("#theme").click();
      expect(await page.locator("#theme").textContent()).toBe("Theme: dark");
      await page.locator("#help").click();
      expect(await page.locator("#keys").isVisible()).toBe(true);
    });
  });

  test("all can be reached with Tab, and all has a name and a role", async () => {
    await using(await fileOf("repair", repairTree), { reducedMotion: "reduce" }, async (page) => {
      const order: string[] = [];
      for (let count = 0; count < 14; count++) {
        await page.keyboard.press("Tab");
        order.push(await page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName || ""));
      }
      expect(order).toEqual(
        [
          "search",
          "previous",
          "next",
          "color",
          "critical",
          "out",
          "in",
          "fit",
          "expand",
          "collapse",
          "theme",
          "help",
        ].concat(["tree", "SUMMARY"]),
      );
      expect(await page.locator("main").ariaSnapshot()).toContain('- treegrid "Tasks"');
      expect(
        await page.getByRole("row", { name: /shard 5, shop, done, on 127.0.0.3, on the critical path/ }).count(),
      ).toBe(1);
      await openTable(page);
      expect(await page.getByRole("table").getByRole("row").count()).toBe(19);
      const running = await page.evaluate(() => document.getAnimations().length);
      expect(running).toBe(0);
    });
  });

  test("ten thousand tasks have few elements, and their table comes in parts", async () => {
    await using(await fileOf("many", TREES.many), {}, async (page) => {
      expect(await page.locator("*").count()).toBeLessThan(400);
      await page.locator("#tree").focus();
      await page.keyboard.press("End");
      await drawn(page);
      expect(await page.locator(".row.chosen").getAttribute("aria-rowindex")).toBe("10000");
      await openTable(page);
      expect(await page.locator("#all tbody tr").count()).toBe(500);
      await page.locator("#all button").click();
      expect(await page.locator("#all tbody tr").count()).toBe(1000);
      const frames = await page.evaluate(async () => {
        const scroller = document.getElementById("scroller") as HTMLElement;
        const times: number[] = [];
        let last = performance.now();
        for (let step = 0; step < 120; step++) {
          scroller.scrollTop = (step * 2000) % 230_000;
          await new Promise(requestAnimationFrame);
          const now = performance.now();
          times.push(now - last);
          last = now;
        }
        return times.sort((one, other) => one - other);
      });
      // For people: how long a frame takes depends on the machine and what else it does.
      const figures = { median: frames[60], slowest: frames.at(-1) };
      await writeFile(join(SHOTS, "frames.json"), `${JSON.stringify(figures)}\n`);
    });
  });

  test("a tree without any time, and one of one task, are pages too", async () => {
    const created = [{ id: "5e1f4b0c-8a1d-4c1e-9d43-000000000001", type: "repair", state: "created" }];
    await using(await pageOf("created", created), {}, async (page) => {
      expect(await page.locator(".row .took").first().textContent()).toBe("not started");
      await page.locator("#tree").focus();
      await page.keyboard.press("Enter");
      await page.keyboard.press("+");
      await page.keyboard.press("c");
      await drawn(page);
    });
  });
});

// What a person sees of a page.

const box = async (page: Page, selector: string) =>
  (await page.locator(selector).boundingBox()) as NonNullable<
    Awaited<ReturnType<ReturnType<Page["locator"]>["boundingBox"]>>
  >;

async function shown(page: Page): Promise<string> {
  await drawn(page);
  return (await page.locator("#window").textContent()) ?? "";
}

async function chosen(page: Page): Promise<string> {
  await drawn(page);
  return (await page.locator(".row.chosen .name").textContent()) ?? "";
}

async function rowCount(page: Page): Promise<number> {
  await drawn(page);
  return Number(await page.locator("#tree").getAttribute("aria-rowcount"));
}

async function openTable(page: Page): Promise<void> {
  await page.locator("#all summary").click();
  await page.locator("#all table").waitFor();
}

/** Until the next picture has been drawn. */
const drawn = (page: Page) =>
  page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));

/** Until another time is shown. */
const changed = (page: Page, before: string) =>
  page.waitForFunction((text) => document.getElementById("window")?.textContent !== text, before);

/** How many points of a canvas are not empty. */
const inked = (page: Page, selector: string) =>
  page.evaluate((name) => {
    const canvas = document.querySelector(name) as HTMLCanvasElement;
    const { data } = (canvas.getContext("2d") as CanvasRenderingContext2D).getImageData(
      0,
      0,
      canvas.width,
      canvas.height,
    );
    let count = 0;
    for (let at = 3; at < data.length; at += 4) if (data[at] !== 0) count++;
    return count;
  }, selector);
