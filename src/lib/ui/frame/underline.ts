// A text cut at the places that are wrong in it, so that those can be underlined.
import type { Span } from '#lib/query/parse.ts';

export type Piece = { readonly text: string; readonly wrong: boolean; readonly at: number };

/** `wrong` may overlap and reach beyond the text. An empty place is drawn on the character before it. */
export function pieces(text: string, wrong: readonly Span[]): readonly Piece[] {
  const marked = Array.from({ length: text.length }, (_, at) =>
    wrong.some(({ start, end }) => at >= Math.min(start, end - 1) && at < end)
  );
  const found: Piece[] = [];
  for (let at = 0; at < text.length;) {
    const is = marked[at] === true;
    const next = marked.indexOf(!is, at);
    const end = next < 0 ? text.length : next;
    found.push({ text: text.slice(at, end), wrong: is, at });
    at = end;
  }
  return found;
}
