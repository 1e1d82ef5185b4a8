import type { Commands } from "../cli/program.js";
import { SUMMARIES } from "./summaries.js";

/** The table of commands: help, versions and typing errors need no more of it than names and summaries. */
export const COMMANDS: Commands = {
  summaries: new Map(Object.entries(SUMMARIES)),
  load: () => import("./registrations.js"),
};
