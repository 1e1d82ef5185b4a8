/**
 * The text in lines of at most so many characters, broken at spaces; a word that is longer stands alone, whole. An indented line is
 * a command to copy, which stays in one piece.
 */
export function wrapWords(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => {
      if (line.startsWith(" ")) return line;
      const lines: string[] = [];
      let current = "";
      for (const word of line.split(" ")) {
        const longer = current === "" ? word : `${current} ${word}`;
        if (longer.length <= width || current === "") current = longer;
        else {
          lines.push(current);
          current = word;
        }
      }
      return [...lines, current];
    })
    .join("\n");
}
