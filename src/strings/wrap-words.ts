/** The text in lines of at most so many characters, broken at spaces; a word that is longer stands alone, whole. */
export function wrapWords(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => {
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
