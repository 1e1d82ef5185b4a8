/** A time as the wire writes it, UTC; fractions of a second only where there are some. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");

/** The same in whole seconds. */
export const secondText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
