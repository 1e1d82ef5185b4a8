/** What draws a timeline into a file: only the options for these files load it. */
export { timelinePage } from "./html.js";
export { timelinePicture } from "./svg.js";
