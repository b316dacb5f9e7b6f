import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printCpuList, readCpuList, sameShare } from './cpu-share.ts';

const sets = fc.uniqueArray(fc.integer({ min: 0, max: 60 }));

it('a list of CPUs is read back as it was printed, whatever their order', () => {
  fc.assert(
    fc.property(sets, (cpus) => {
      const list = printCpuList(cpus);
      expect(readCpuList(list)).toEqual([...cpus].sort((a, b) => a - b));
      expect(printCpuList(readCpuList(list) ?? [])).toBe(list);
    })
  );
});

it.each([
  ['0-3,8', [0, 1, 2, 3, 8]],
  ['8,0-1,1', [0, 1, 8]],
  ['', []],
  ['4095', [4095]]
])('“%s” is %j', (text, cpus) => {
  expect(readCpuList(text)).toEqual(cpus);
});

it.each([
  '3-1',
  '4096',
  '0-4096',
  '-1',
  '1-',
  'a',
  '1,,2',
  ',1',
  '1 ,2',
  '^2',
  '0-3,^1',
  '1.5',
  `${'1,'.repeat(200)}1`
])('“%s” is no list', (text) => {
  expect(readCpuList(text)).toBeNull();
});

it('is printed as short as it can be', () => {
  expect(printCpuList([8, 0, 1, 2, 2])).toBe('0-2,8');
  expect(printCpuList([])).toBe('');
});

it('two shares are the same when weight and cap are; none is the same as none', () => {
  expect(sameShare({ weight: 256, cap: null }, { weight: 256, cap: null })).toBe(true);
  expect(sameShare({ weight: 256, cap: null }, { weight: 256, cap: 50 })).toBe(false);
  expect(sameShare(null, null)).toBe(true);
  expect(sameShare(null, { weight: 256, cap: null })).toBe(false);
});
