/** What only a terminal needs, with the packages for it: a part of the program that a pipe does without. */
export const loadViews = () => import("../terminal/views.js");
