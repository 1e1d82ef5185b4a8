type Step = { readonly character: string } | "*" | "**";

/**
 * Whether a path fits a pattern in which `*` stands for anything but slashes, and `**` for anything.
 *
 * All ways to share the path among the stars are followed at once, so the time is at most that of the path times the pattern: a
 * regular expression would try them one after the other, and their number is exponential.
 */
export function pathMatcher(pattern: string): (path: string) => boolean {
  const steps = stepsOf(pattern);
  if (steps.every((step) => typeof step === "object")) return (path) => path === pattern;
  return (path) => {
    let reached = new Uint8Array(steps.length + 1);
    reach(reached, 0, steps);
    for (const character of path) {
      const next = new Uint8Array(steps.length + 1);
      for (const [index, step] of steps.entries()) {
        if (reached[index] !== 1) continue;
        if (typeof step === "object") {
          if (step.character === character) reach(next, index + 1, steps);
        } else if (step === "**" || character !== "/") reach(next, index, steps);
      }
      reached = next;
    }
    return reached[steps.length] === 1;
  };
}

/** Marks a place in the pattern, and those behind its stars, which may stand for nothing. */
function reach(reached: Uint8Array, from: number, steps: readonly Step[]): void {
  for (let index = from; reached[index] !== 1; index++) {
    reached[index] = 1;
    if (index === steps.length || typeof steps[index] === "object") return;
  }
}

function stepsOf(pattern: string): Step[] {
  return pattern.split(/(\*\*?)/).flatMap((part): Step[] => {
    if (part === "*" || part === "**") return [part];
    return [...part].map((character) => ({ character }));
  });
}
