/** Whether a text matches a pattern in which `*` stands for any text and `?` for any character. */
export function matchesGlob(pattern: string, text: string): boolean {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (character) =>
    character === "*" ? ".*" : character === "?" ? "." : `\\${character}`,
  );
  return new RegExp(`^${source}$`, "su").test(text);
}
