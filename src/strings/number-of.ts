/** `1 task`, `2 tasks`. */
export const numberOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
