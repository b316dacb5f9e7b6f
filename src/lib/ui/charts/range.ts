// Which time the charts of a page show, as its address says it: the last quarter of an hour to the last day, or a closer look
// at a part of the past. What an address says that makes no sense is as if it were not there.

/** ms; agents remember a day. */
export const SPANS = { '15m': 900_000, '1h': 3_600_000, '6h': 21_600_000, '24h': 86_400_000 } as const;
export type Span = keyof typeof SPANS;
/** From `from` to before `to`, ms since the epoch. */
export type Stretch = { readonly from: number; readonly to: number };
/** Without a `zoom` it is the last `span`, which moves with the time. */
export type Range = { readonly span: Span; readonly zoom: Stretch | null };

export const USUAL: Span = '1h';
/** No closer look than six of the shortest steps. */
export const SHORTEST = 60_000;
const LONGEST = SPANS['24h'];
/** Moving ends go on by this part of the span: what is less cannot be seen. */
const NOTCHES = 720;
const INSTANT = /^[1-9]\d{11,13}$/;

const isSpan = (text: string): text is Span => Object.hasOwn(SPANS, text);

/** `range` is a span, `from` and `to` are ms since the epoch; null where the address has none. */
export function readRange(range: string | null, from: string | null, to: string | null): Range {
  const span = range !== null && isSpan(range) ? range : USUAL;
  if (from === null || to === null || !INSTANT.test(from) || !INSTANT.test(to)) return { span, zoom: null };
  const zoom = { from: Number(from), to: Number(to) };
  const length = zoom.to - zoom.from;
  return { span, zoom: length < SHORTEST || length > LONGEST ? null : zoom };
}

/** The inverse: what is usual is left out. */
export const printRange = ({ span, zoom }: Range): Readonly<Record<'range' | 'from' | 'to', string | null>> => ({
  range: span === USUAL ? null : span,
  from: zoom === null ? null : String(zoom.from),
  to: zoom === null ? null : String(zoom.to)
});

/** What is shown at `now`. */
export function stretchOf({ span, zoom }: Range, now: number): Stretch {
  if (zoom !== null) return zoom;
  const notch = SPANS[span] / NOTCHES;
  const to = Math.ceil(now / notch) * notch;
  return { from: to - SPANS[span], to };
}

/** The closer look at what was drawn from `a` to `b`, in either direction: within what is shown, and not too close. */
export function closer(a: number, b: number, shown: Stretch): Stretch {
  const length = Math.min(shown.to - shown.from, Math.max(SHORTEST, Math.abs(b - a)));
  const middle = (a + b) / 2;
  const from = Math.min(shown.to - length, Math.max(shown.from, middle - length / 2));
  return { from: Math.round(from), to: Math.round(from + length) };
}
