/** The texts of the page, from `page/`. The build fills them in: run from its sources, the program writes a page without a script. */
export const PAGE = { script: "", style: "", body: "" };
