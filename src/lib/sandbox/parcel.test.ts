import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyColumns } from '../../../tests/support/any-columns.ts';
import { textAt, textsOf } from '../plugin/columns.ts';
import type { Columns } from '../plugin/columns.ts';
import { loadOf, packed, unpacked } from './parcel.ts';

/** As the plugin's worker has it. @param spare bytes more than it takes, of memory that was in use before */
function delivered(columns: Columns, spare = 0): Columns {
  const load = loadOf(columns);
  const memory = new ArrayBuffer(load.bytes + spare);
  new Uint8Array(memory).fill(0xc3);
  return unpacked(structuredClone(packed(load, memory)));
}

const ascii = fc.string({ unit: 'grapheme-ascii' });
const anything = fc.string({ unit: 'binary' });

test('what was packed comes out as it was, whatever VMs, tags and rules are called', () => {
  const names = fc.oneof(ascii, anything);
  fc.assert(
    fc.property(
      anyColumns({ hosts: 8, vms: 20 }),
      fc.array(names, { minLength: 41, maxLength: 41 }),
      fc.nat(100),
      ({ rules, ...columns }, texts, spare) => {
        const named: Columns = {
          ...columns,
          hostName: textsOf(texts.slice(0, columns.hosts)),
          vmName: textsOf(texts.slice(8, 8 + columns.vms)),
          tagName: texts.slice(28, 31),
          vmTag: Int32Array.from({ length: columns.vms }, (_, vm) => vm % 3),
          vmTagStart: Int32Array.from({ length: columns.vms + 1 }, (_, vm) => vm),
          rules: rules.map((rule, at) => ({ ...rule, name: texts[31 + at]! }))
        };
        expect(delivered(named, spare)).toEqual(named);
      }
    )
  );
});

test('a lone half of a letter stays what it is', () => {
  fc.assert(
    fc.property(anyColumns({ hosts: 2, vms: 1 }), (columns) => {
      const got = delivered({ ...columns, hostName: textsOf(Array.from({ length: columns.hosts }, () => 'n\ud83d')) });
      expect(textAt(got.hostName, 0)).toBe('n\ud83d');
    }),
    { numRuns: 5 }
  );
});
