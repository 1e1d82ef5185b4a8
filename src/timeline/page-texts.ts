/**
 * Script, style and body from `page/`. The build fills them in; when run from sources, the program writes a page without a script.
 */
export const PAGE = { script: "", style: "", body: "" };
