/** Columns of {@link HELP}: those of a pipe, and of many terminals. */
export const HELP_COLUMNS = 80;

/** What `tasks --help` prints. The build makes it from the program (`rolldown.config.mjs`); without a build the program is asked. */
export const HELP: string | undefined = undefined;
