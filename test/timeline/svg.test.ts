import { SaxesParser } from "saxes";
import { describe, expect, test } from "vitest";
import type { TaskStatus } from "../../src/client/wire.js";
import type { LaneKind } from "../../src/tasks/timeline/lanes.js";
import { timelineOf } from "../../src/tasks/timeline/timeline.js";
import { timelinePicture } from "../../src/timeline/svg.js";
import { expectGolden } from "../fixtures/golden.js";
import {
  HOSTILE,
  hostileTree,
  nightMs,
  repairTree,
  TROUBLED_NOW,
  troubledTree,
  wideTree,
} from "../fixtures/timeline-trees.js";

const svg = (statuses: readonly TaskStatus[], by?: LaneKind, maxLanes?: number, nowMs = nightMs("05:00")) =>
  [...timelinePicture(timelineOf(statuses, { by, nowMs }), maxLanes)].join("");

/** The names of the elements, and all their text, of what must be well-formed XML. */
function parsed(text: string): { readonly elements: string[]; readonly texts: string[] } {
  const elements: string[] = [];
  const texts: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name }) => elements.push(name));
  parser.on("text", (each) => texts.push(each));
  parser.write(text).close();
  return { elements, texts };
}

describe("the picture", () => {
  test("of a repair", () => {
    const text = svg(repairTree());
    expect(parsed(text).elements.slice(0, 3)).toEqual(["svg", "title", "desc"]);
    expectGolden("timeline.svg", text);
  });

  test("of failed and running tasks, with a lane for each task", () => {
    const text = svg(troubledTree(), "task", undefined, TROUBLED_NOW);
    expect(parsed(text).texts).toContain(
      "major compaction, table shop.orders, shard 1: 1 task, 1 failed, busy for 45s",
    );
  });

  test("has the same elements and texts whatever is in a name", () => {
    const { elements, texts } = parsed(svg(hostileTree()));
    expect(new Set(elements)).toEqual(
      new Set(["svg", "title", "desc", "style", "defs", "pattern", "rect", "text", "line", "g", "path"]),
    );
    expect(texts.join("")).not.toContain("\u202e");
    expect(texts.join(" ")).toContain(HOSTILE.slice(0, 20));
  });

  test("is self-contained", () => {
    const links = svg(repairTree()).match(/(href|src|url\(|@import|https?:)[^ "}]*/g);
    expect(links).toEqual(["http://www.w3.org/2000/svg", "url(#critical)"]);
  });

  test("of very many tasks is small, and folds the least important lanes", () => {
    expect(svg(wideTree(50_000)).length).toBeLessThan(200_000);
    const folded = svg(wideTree(500), "task", 10);
    expect(parsed(folded).texts).toContain("490 more lanes");
  });

  test("of no tasks is valid", () => {
    expect(parsed(svg([])).texts).toContain("No task.");
  });
});
