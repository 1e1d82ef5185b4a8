import { readdirSync, readFileSync } from "node:fs";

/** A fenced block of a page. */
export interface FencedBlock {
  /** Page and line: `docs/waiting.md:12`. */
  readonly where: string;
  readonly language: string;
  /** What stands behind the language: `console varies`. */
  readonly words: readonly string[];
  readonly text: string;
}

const ROOT = new URL("../../", import.meta.url);
const markdown = (folder: string) =>
  readdirSync(new URL(folder, ROOT))
    .filter((name) => name.endsWith(".md"))
    .map((name) => folder + name);

/** Every page that users read. */
export const PAGES = [...markdown(""), ...markdown("docs/"), ...markdown("docs/server/")];

function blocksOf(page: string): FencedBlock[] {
  const text = readFileSync(new URL(page, ROOT), "utf8");
  return [...text.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)].map((match) => {
    const [, language = "", words = "", body = ""] = match;
    const line = text.slice(0, match.index).split("\n").length;
    return { where: `${page}:${line}`, language, words: words.split(/\s+/).filter(Boolean), text: body };
  });
}

export const BLOCKS = PAGES.flatMap(blocksOf);
