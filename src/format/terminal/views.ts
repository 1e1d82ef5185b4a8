/** Everything that only a terminal shows. `reports/load-views.ts` loads it. */
export { explanationView } from "./explanation-view.js";
export { fieldsView } from "./fields-view.js";
export { findingsView } from "./findings-view.js";
export { Frames } from "./frames.js";
export { listView } from "./list-view.js";
export { sentenceLines, withinShown } from "./sentence-lines.js";
export { statusView } from "./status-view.js";
export { styleFor } from "./style.js";
export { treeView } from "./tree-view.js";
export { unansweredLines, watchLines } from "./unanswered-lines.js";
export { viewTable } from "./view-table.js";
