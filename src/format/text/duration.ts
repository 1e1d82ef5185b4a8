/** A duration as people write it: `45s`, `3m12s`, `2h05m`, `3d04h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return `${days}d${two(hours)}h`;
  if (hours > 0) return `${hours}h${two(minutes)}m`;
  if (minutes > 0) return `${minutes}m${two(whole % 60)}s`;
  return `${whole}s`;
}

/** `40m00s ±20s`. */
export const tookText = (took: { readonly ms: number; readonly withinMs: number }): string =>
  `${duration(Math.abs(took.ms) / 1000)}${withinText(took.withinMs)}`;

/** ` ±10s`, the uncertainty of a duration; empty if it is exact. */
export const withinText = (ms: number): string => (ms === 0 ? "" : ` ±${duration(Math.max(1, ms / 1000))}`);
