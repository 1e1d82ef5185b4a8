/**
 * Whether a text matches a pattern in which `*` stands for any text and `?` for any character.
 *
 * A regular expression would try every way to share the text among the stars, and their number is exponential: only the last
 * star is ever worth giving more, so the time is at most that of the text times the pattern.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let inPattern = 0;
  let inText = 0;
  let afterStar = -1;
  let starEnd = 0;
  while (inText < text.length) {
    const wanted = pattern[inPattern];
    if (wanted === "*") {
      afterStar = ++inPattern;
      starEnd = inText;
      if (afterStar === pattern.length) return true;
    } else if (wanted === "?") {
      inPattern++;
      inText += characterLength(text, inText);
    } else if (wanted === text[inText]) {
      inPattern++;
      inText++;
    } else if (afterStar >= 0) {
      starEnd += characterLength(text, starEnd);
      inPattern = afterStar;
      inText = starEnd;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === "*") inPattern++;
  return inPattern === pattern.length;
}

/** Code units of the character that begins at an index. */
const characterLength = (text: string, index: number) => ((text.codePointAt(index) as number) > 0xffff ? 2 : 1);
