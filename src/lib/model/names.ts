// The order of names: numbers as people count them, `web-2` before `web-10`, and capitals as small letters. Names beyond ASCII
// are ordered by a collator, made when it is first asked for: that costs a page 25 ms, on a slow machine four times as much.
let collator: Intl.Collator | null = null;
const collate = (a: string, b: string): number =>
  (collator ??= new Intl.Collator(undefined, { numeric: true })).compare(a, b);

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const small = (code: number): number => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code);

/** Where the number that begins at `from` has its first digit that counts, and where it ends. */
function numberAt(text: string, from: number): readonly [number, number] {
  let end = from;
  while (isDigit(text.charCodeAt(end))) end += 1;
  while (from < end - 1 && text.charCodeAt(from) === 0x30) from += 1;
  return [from, end];
}

/** Below 0 when `a` comes first, 0 when they are the same but for capitals and leading zeros. */
export function compareNames(a: string, b: string): number {
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(j)];
    if (x > 0x7e || y > 0x7e) return collate(a, b);
    if (isDigit(x) && isDigit(y)) {
      const [[from, end], [start, stop]] = [numberAt(a, i), numberAt(b, j)];
      const [n, m] = [a.slice(from, end), b.slice(start, stop)];
      if (n !== m) return n.length - m.length || (n < m ? -1 : 1);
      [i, j] = [end, stop];
    } else {
      if (small(x) !== small(y)) return small(x) - small(y);
      [i, j] = [i + 1, j + 1];
    }
  }
  return a.length - i - (b.length - j);
}
