/** The first line of a text that is not empty. */
export const firstLine = (text: string): string => text.trimStart().replace(/[\r\n].*$/s, "");
