import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const LICENSE_FILE = /^(licen[cs]e|copying)([-.].*)?$/i;
const NOTICE_FILE = /^notice([-.].*)?$/i;

/**
 * The licences of the packages that a bundle holds, for whoever gets the bundle.
 * @param moduleIds the files in the bundle
 * @throws Error where a package has no text of its licence
 */
export async function thirdPartyLicenses(moduleIds) {
  const folders = new Set();
  for (const id of moduleIds) {
    const folder = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
    if (folder !== undefined) folders.add(folder);
  }
  const packages = await Promise.all([...folders].map(describe));
  const texts = packages
    .toSorted((a, b) => (a.title < b.title ? -1 : 1))
    .map(({ title, text }) => `${title}\n\n${text}\n`);
  return ["The files of this program hold these packages, under their own licences.", ...new Set(texts)].join(
    `\n${"-".repeat(80)}\n\n`,
  );
}

async function describe(folder) {
  const { name, version, license, author } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = (await readdir(folder)).sort();
  const licenses = files.filter((file) => LICENSE_FILE.test(file));
  const read = async (file) => (await readFile(join(folder, file), "utf8")).trim();
  const texts = await Promise.all([...licenses, ...files.filter((file) => NOTICE_FILE.test(file))].map(read));
  if (licenses.length === 0) {
    if (license !== "MIT" || author === undefined) throw new Error(`${name} has no text of its licence (${license})`);
    texts.unshift(`MIT License\n\nCopyright (c) ${author.name ?? author}\n\n${MIT}`);
  }
  return { title: `${name} ${version} (${license})`, text: texts.join("\n\n") };
}

/** For packages that name this licence, and leave its text out. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY
CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
