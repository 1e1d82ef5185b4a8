/** The reader of the file brings a YAML parser: a user who has no file does not pay for it. */
export const loadConfigReader = () => import("./file.js");
