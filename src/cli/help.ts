/** Width of {@link HELP}: that of a pipe, and of many terminals. */
export const HELP_COLUMNS = 80;

/**
 * The output of `tasks --help`. The build generates it from the program (`rolldown.config.mjs`); without a build, it is `undefined`
 * and commander creates it.
 */
export const HELP: string | undefined = undefined;
