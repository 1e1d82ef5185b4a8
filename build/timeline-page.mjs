import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { rolldown } from "rolldown";

const FOLDER = join(import.meta.dirname, "../src/timeline/page");

let made;

/**
 * The page that `timeline --html` writes, made once: its script in one piece, its style and its body.
 * @returns `texts`, and `moduleIds`, the files that are in the script
 */
export function timelinePage() {
  made ??= make();
  return made;
}

async function make() {
  const bundle = await rolldown({ platform: "browser", logLevel: "warn", input: join(FOLDER, "page.ts") });
  const { output } = await bundle.generate({ format: "iife", minify: true });
  await bundle.close();
  const [{ code, moduleIds }] = output;
  // Either would end the element that the script is in.
  if (/<\/script|<!--/i.test(code)) throw new Error("the script of the page holds the end of an element");
  const [style, body] = await Promise.all(
    ["css", "html"].map((kind) => readFile(join(FOLDER, `page.${kind}`), "utf8")),
  );
  return { texts: { script: code, style, body }, moduleIds };
}
