// A name cut to the room there is, without measuring: a frame has thousands of names.

/** East Asian scripts and emoji take a whole em; other letters, in bold, about 0.62 of one. */
const isWide = (point: number): boolean =>
  (point >= 0x1100 && point <= 0x115f) ||
  (point >= 0x2e80 && point <= 0xd7ff) ||
  (point >= 0xf900 && point <= 0xfaff) ||
  (point >= 0xff00 && point <= 0xff60) ||
  point >= 0x1f000;

/** About the pixels that `text` takes at `size` px. */
export function textWidth(text: string, size: number): number {
  let used = 0;
  for (const point of text) used += isWide(point.codePointAt(0) ?? 0) ? size : size * 0.62;
  return used;
}

/** `text` cut to about `width` pixels at `size` px, with an ellipsis; empty when not even three letters fit. Whole code points. */
export function fitText(text: string, width: number, size = 12): string {
  const letter = size * 0.62;
  if (width < 3 * letter) return '';
  let used = 0;
  let cut = 0;
  let fits = 0;
  for (const point of text) {
    used += isWide(point.codePointAt(0) ?? 0) ? size : letter;
    if (used > width) return `${text.slice(0, fits)}…`;
    cut += point.length;
    if (used <= width - letter) fits = cut;
  }
  return text;
}
