/** Loads the embedded mock and its web server, which take longer than most commands do. */
export const loadMock = () => import("./embedded-mock.js");
