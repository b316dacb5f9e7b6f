// What is shown to a person. Names come from hosts and other tools: nothing in them may reach the terminal as a command.

/** Control and direction-changing characters as visible escapes. */
export const visible = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  );

const graphemes = new Intl.Segmenter();
/** What a reader would count as characters. */
const width = (text: string): number => Array.from(graphemes.segment(text)).length;

/**
 * Columns as wide as their widest cell, two spaces apart, no trailing blanks. Cells of a column whose heading begins with
 * `>` stand on the right.
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const right = headings.map((heading) => heading.startsWith('>'));
  const lines = [headings.map((heading) => heading.replace(/^>/, '')), ...rows.map((row) => row.map(visible))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ''))));
  return lines.map((line) =>
    line
      .map((cell, column) => {
        const blanks = ' '.repeat((widths[column] ?? 0) - width(cell));
        return right[column] ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd()
  );
}

/** Where a run of the program writes. */
export type Output = {
  /** One line to standard output. */
  out(line: string): void;
  /** One line to standard error. */
  err(line: string): void;
};
