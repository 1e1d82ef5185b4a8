/** Whether a run is a step of GitHub Actions. */
export const isGithubActions = (env: Readonly<Record<string, string | undefined>>): boolean =>
  env.GITHUB_ACTIONS === "true";

/**
 * Makes a line with a server's text harmless: GitHub must not take it for a workflow command. It looks for `::` at the start of a
 * line, and for the old form anywhere.
 */
export const inertLine = (line: string): string => line.replace(/^(\s*):(?=:)/, "$1: ").replaceAll("##[", "# #[");
