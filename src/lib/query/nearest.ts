// The word someone most likely meant: a beginning of one, or one that is a slip or two away.

/** How many letters must be put in, left out, changed or swapped (optimal string alignment). */
function distance(a: string, b: string): number {
  let [before, row]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Infinity;
      next[j] = Math.min(change, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}

/** Null when none is near. */
export function nearest(written: string, words: readonly string[]): string | null {
  const word = written.toLowerCase();
  if (word === '' || word.length > 40) return null;
  const begun = words.find((each) => each.startsWith(word));
  if (begun !== undefined) return begun;
  const ranked = words.map((each) => ({ each, away: distance(word, each) })).sort((a, b) => a.away - b.away);
  const [best] = ranked;
  return best !== undefined && best.away <= Math.max(1, Math.floor(word.length / 3)) ? best.each : null;
}
