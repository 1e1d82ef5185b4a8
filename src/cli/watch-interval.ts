/** The default time between two looks. */
export const USUAL_INTERVAL = "2s";

/** A duration, or what was meant as one: digits with a letter behind them that no id has. */
const DURATION = /^(\d+(\.\d+)?|(\d+(\.\d+)?(ms|s|m|h|d))+|\d[\d.]*[a-z]*[g-z][a-z]*)$/i;

/** In `-w compaction`, the word is not a duration, so it is not the option's value. Everything after `--` is left alone. */
export function withWatchIntervals(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.map((argument, index) => {
    if ((end !== -1 && index > end) || (argument !== "-w" && argument !== "--watch")) return argument;
    const next = argv[index + 1];
    return next !== undefined && DURATION.test(next) ? argument : `--watch=${USUAL_INTERVAL}`;
  });
}
