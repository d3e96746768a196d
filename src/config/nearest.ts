/** Most letters that may differ between a misspelt word and what was meant. */
const maxDistance = 3;

/** The word that was most likely meant: the one with the fewest letters to change, at most a third of them. Undefined where none is near. */
export function nearest(misspelt: string, words: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(maxDistance, Math.ceil(misspelt.length / 3)) + 1;
  for (const word of words) {
    // As many letters are to be inserted or dropped at least.
    if (Math.abs(word.length - misspelt.length) >= least) continue;
    const distance = editDistance(misspelt.toLowerCase(), word.toLowerCase());
    if (distance < least) [best, least] = [word, distance];
  }
  return best;
}

/** Letters to insert, drop, change or swap with their neighbour, from one word to the other. */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const [above = 0, diagonal = 0, left = 0] = [row[j], row[j - 1], next[j - 1]];
      next.push(
        Math.min(above + 1, left + 1, diagonal + (same ? 0 : 1), swapped ? (before[j - 2] ?? 0) + 1 : Number.MAX_VALUE),
      );
    }
    [before, row] = [row, next];
  }
  return row[to.length] ?? 0;
}
