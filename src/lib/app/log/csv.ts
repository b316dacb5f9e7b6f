// A table as CSV (RFC 4180): CRLF, quoted where it must be. What a spreadsheet would take for a formula is given a leading
// apostrophe (OWASP, CSV injection): names and reasons come from hosts and guests.

/** Told by the first bytes, or Excel takes UTF-8 for the code page of the machine. */
const BOM = '\ufeff';

/** `rows`: the header first. Every cell is text; null is an empty one. */
export const printCsv = (rows: readonly (readonly (string | null)[])[]): string =>
  BOM + rows.map((cells) => `${cells.map(printCell).join(',')}\r\n`).join('');

function printCell(text: string | null): string {
  if (text === null) return '';
  // Blanks before it do not keep a spreadsheet from evaluating it, nor do the full-width signs.
  const safe = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
