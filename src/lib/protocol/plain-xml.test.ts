import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readPlain } from './plain-xml.ts';
import { NAMESPACE } from './schema.ts';
import { readXml } from './xml.ts';

const ROOT = `<event xmlns="${NAMESPACE}"`;
/** What documents are made of, and what must not be taken for it. */
const PIECES = [
  ROOT,
  '<vm',
  '</vm>',
  '</event>',
  ' id="a"',
  ' b="é>"',
  ' b=',
  '"',
  '/>',
  '>',
  '<',
  ' ',
  '\n',
  '&',
  '&amp;'
];
const ODD = ["' c='d'", ' xmlns="x"', ' x:y="z"', '<!--', '-->', '<?p?>', '\u0000', '\ufffe', '\ud800', 'é', '=', '/'];
const document = fc
  .array(fc.oneof({ arbitrary: fc.constantFrom(...PIECES), weight: 6 }, fc.constantFrom(...ODD)), { maxLength: 12 })
  .map((pieces) => pieces.join(''));

/** The tree, or null when it is refused. */
function outcome(read: () => unknown): unknown {
  try {
    return read() ?? null;
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'malformed' });
    return null;
  }
}
/** A line break before it leaves a document to saxes. */
const bySaxes = (text: string): unknown => outcome(() => readXml(new TextEncoder().encode(`\n${text}`)));

it.each([
  ['any pieces', document],
  ['pieces in a root', document.map((inner) => `${ROOT}>${inner}</event>`)],
  ['pieces in a tag', document.map((inner) => `${ROOT}><vm${inner}/></event>`)]
])('reads of %s nothing that saxes refuses, and the same tree', (_, documents) => {
  fc.assert(
    fc.property(documents, (text) => {
      const plain = outcome(() => readPlain(text));
      if (plain !== null) expect(plain).toEqual(bySaxes(text));
    }),
    { numRuns: 2_000 }
  );
});

it('reads what our encoder writes when nothing in it is escaped', () => {
  const text = `${ROOT} seq="1"><vm name="web ]]> 1"><nic/></vm><vm name="ü"></vm></event>`;
  expect(readPlain(text)).not.toBeNull();
  expect(readPlain(text)).toEqual(bySaxes(text));
});

it.each(['', `${ROOT}>`, `${ROOT}/><vm/>`, `${ROOT}></vm>`, `${ROOT} a="&amp;"/>`, ` ${ROOT}/>`, `${ROOT}/>x`])(
  'leaves to saxes: %s',
  (text) => {
    expect(readPlain(text)).toBeNull();
  }
);

it('refuses what the profile forbids itself', () => {
  expect(() => readPlain('<event/>')).toThrow('xmlns');
  expect(() => readPlain(`${ROOT} a="1" a="2"/>`)).toThrow('twice');
});
