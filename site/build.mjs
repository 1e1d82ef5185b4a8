// Builds the documentation site in dist-site, or in the folder that is given: every page of docs, the README, and the reference of the
// library. Its pages open from files.
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, Converter, Renderer } from "typedoc";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Groups in the order of the navigation, with the pages that are not guides. */
const GROUPS = new Map([
  ["Guides", []],
  ["Reference", ["output", "exit-codes", "failures", "operations", "releases-faq"]],
  ["How the server behaves", ["server"]],
  [
    "About the project",
    ["architecture", "testing", "performance", "fidelity", "CHANGELOG", "CONTRIBUTING", "SECURITY", "CODE_OF_CONDUCT"],
  ],
]);

function groupOf(page) {
  const name = page.includes("docs/server/") ? "server" : basename(page, ".md");
  for (const [group, names] of GROUPS) if (names.includes(name)) return group;
  return "Guides";
}

const app = await Application.bootstrapWithPlugins({
  name: "scylla-tasks",
  entryPoints: ["src/index.ts", "src/client/index.ts", "src/mock/index.ts"].map((file) => join(root, file)),
  tsconfig: join(root, "tsconfig.json"),
  readme: join(root, "README.md"),
  projectDocuments: ["docs/*.md", "docs/server/*.md", "C*.md", "SECURITY.md"].map((glob) => join(root, glob)),
  out: process.argv[2] ?? join(root, "dist-site"),
  includeVersion: true,
  searchInDocuments: true,
  searchInComments: true,
  disableSources: true,
  ignoredHighlightLanguages: ["crontab"],
  excludeInternal: true,
  hideGenerator: true,
  customCss: join(root, "site/style.css"),
  navigation: { includeGroups: true, includeFolders: false, excludeReferences: true, includeCategories: false },
  sort: ["documents-first", "alphabetical"],
  groupOrder: [...GROUPS.keys(), "*"],
  validation: { notExported: true, invalidLink: true, rewrittenLink: true },
  // What types of the mock are made from, and what it knows of a release, is its own.
  intentionallyNotExported: [
    "faultSchema",
    "keyspaceSchema",
    "outageSchema",
    "scenarioFileSchema",
    "src/mock/releases.ts:Release",
  ],
  logLevel: "Warn",
});

// A page is called what its first heading says.
app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
  page.frontmatter.group = groupOf(page.name);
  const heading = page.content
    .map(({ text }) => text)
    .join("")
    .match(/^# (.+)$/m)?.[1];
  if (heading !== undefined) page.name = heading.replaceAll("`", "");
});

// A browser takes no icons from another file that it has opened from a disk; a script of each page has them too.
app.renderer.on(Renderer.EVENT_END_PAGE, (page) => {
  page.contents = page.contents?.replaceAll(/href="[^"]*assets\/icons\.svg#/g, 'href="#');
});

const project = await app.convert();
if (project === undefined) process.exit(1);
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
