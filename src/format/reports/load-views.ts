/** Loads the views for terminals and the packages that they need, which a pipe does without. */
export const loadViews = () => import("../terminal/views.js");
