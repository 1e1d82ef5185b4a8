/** Time between two looks, where the user says no other. */
export const USUAL_INTERVAL = "2s";

const DURATION = /^(\d+(\.\d+)?|(\d+(\.\d+)?(ms|s|m|h|d))+)$/;

/** `-w compaction`: what is no duration is not the option's value. What follows `--` is left alone. */
export function withWatchIntervals(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.map((argument, index) => {
    if ((end !== -1 && index > end) || (argument !== "-w" && argument !== "--watch")) return argument;
    const next = argv[index + 1];
    return next !== undefined && DURATION.test(next) ? argument : `--watch=${USUAL_INTERVAL}`;
  });
}
