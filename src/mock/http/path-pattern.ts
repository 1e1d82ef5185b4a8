type Step = { readonly character: string } | "*" | "**";

/**
 * Makes a function that tells whether a path matches a pattern: `*` matches anything but slashes, `**` anything.
 *
 * It keeps all places in the pattern that the path so far can have reached, so the time grows with the length of the path times that
 * of the pattern. A regular expression would try all ways to match the stars one by one, and their number is exponential.
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

/** Marks a place in the pattern as reached, and the places after its stars, which may match nothing. */
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
