/** What a shell loads that completes a word. */
export { commandTable } from "./command-table.js";
export { complete } from "./completion/complete.js";
