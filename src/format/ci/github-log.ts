/** Whether a run is a step of GitHub Actions. */
export const isGithubActions = (env: Readonly<Record<string, string | undefined>>): boolean =>
  env.GITHUB_ACTIONS === "true";

/** A line that a server had a part in, which must be no workflow command: GitHub looks for them at its beginning, old ones anywhere. */
export const inertLine = (line: string): string => line.replace(/^(\s*):(?=:)/, "$1: ").replaceAll("##[", "# #[");
