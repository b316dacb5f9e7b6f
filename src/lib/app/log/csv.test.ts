import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printCsv } from './csv.ts';

/** RFC 4180, read as it is written there. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let found = cell.exec(text); found !== null; found = cell.exec(text)) {
    row.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
const body = (text: string) => text.slice(1);

test('lines end with CRLF, and quotes, commas and line breaks are quoted', () => {
  expect(
    printCsv([
      ['a', 'b'],
      ['x,y', 'say "hi"'],
      ['two\nlines', null]
    ])
  ).toBe('\ufeffa,b\r\n"x,y","say ""hi"""\r\n"two\nlines",\r\n');
});

test('what a spreadsheet would evaluate gets an apostrophe before it', () => {
  for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '  =1', '＝1', '=cmd|"/C calc"!A0']) {
    expect(parse(body(printCsv([[formula]])))).toEqual([[`'${formula}`]]);
  }
  expect(printCsv([['db-1', '12', '2026-11-22T14:02:07.000Z', "o'clock"]])).toBe(
    '\ufeffdb-1,12,2026-11-22T14:02:07.000Z,"o\'clock"\r\n'
  );
});

test('whatever is written is read back, but for the apostrophes, and no cell begins a formula', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('=', '"', ',', '\r', '\n', 'a', ' ', '-') })
  );
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }), (rows) => {
      const back = parse(body(printCsv(rows)));
      expect(back.map((cells) => cells.length)).toEqual(rows.map((cells) => cells.length));
      for (const [at, cells] of rows.entries()) {
        for (const [column, cell] of cells.entries()) {
          const read = back[at]?.[column] ?? '';
          expect([cell, `'${cell}`]).toContain(read);
          expect(read).not.toMatch(/^[=+\-@\t\r\n]/);
        }
      }
    })
  );
});
