// How a terminal looks, as the operator likes it: kept in this browser.

export type TerminalLook = {
  /** Pixels, one of FONT_SIZES. */
  readonly fontSize: number;
  /** Lines kept above the window, one of SCROLLBACKS. */
  readonly scrollback: number;
};

/** In characters. */
export type TerminalSize = { readonly cols: number; readonly rows: number };

/** What tells a Unix guest how large the terminal on its serial line is, typed at a shell: the line itself cannot say. */
export const sizeCommand = ({ cols, rows }: TerminalSize): string => `stty cols ${cols} rows ${rows}`;

export const FONT_SIZES: readonly number[] = [10, 11, 12, 13, 14, 16, 18, 20, 24];
export const SCROLLBACKS: readonly number[] = [1_000, 10_000, 100_000];
const USUAL: TerminalLook = { fontSize: 13, scrollback: 10_000 };

export const printLook = ({ fontSize, scrollback }: TerminalLook): string => `${fontSize} ${scrollback}`;

/** What was kept, the usual for anything else. */
export function parseLook(kept: string | null): TerminalLook {
  const [fontSize = 0, scrollback = 0] = (kept ?? '').split(' ').map(Number);
  return {
    fontSize: FONT_SIZES.includes(fontSize) ? fontSize : USUAL.fontSize,
    scrollback: SCROLLBACKS.includes(scrollback) ? scrollback : USUAL.scrollback
  };
}
