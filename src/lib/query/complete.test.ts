import { expect, test } from 'vitest';
import { aHost } from '../../../tests/support/a-fleet.ts';
import { aVm } from '../../../tests/support/fake-host.ts';
import { complete } from './complete.ts';

const HOSTS = [
  aHost('n1', [aVm(1, { name: 'web 1' }), aVm(2, { name: 'db-1' })]),
  aHost('s1', [], { site: 'south coast' })
];

/** What `text` becomes with the first completion at its end. */
const completed = (text: string): string | null => {
  const { start, end, options } = complete(text, text.length, HOSTS);
  return options[0] === undefined ? null : text.slice(0, start) + options[0].text + text.slice(end);
};

test.each([
  ['si', 'site:'],
  ['-st', '-state:'],
  ['web ho', 'web host:'],
  ['ip', 'address:'],
  ['cp', 'cpu>'],
  ['site:', 'site:north '],
  ['site:so', 'site:"south coast" '],
  ['site:north,so', 'site:north,"south coast" '],
  ['state:ru', 'state:running '],
  ['name~web', 'name~"web 1" '],
  ['memory>=2', 'memory>=2GiB '],
  ['memory>=2m', 'memory>=2MiB '],
  ['net>1.5M', 'net>1.5MB/s ']
])('“%s” becomes “%s”', (text, whole) => {
  expect(completed(text)).toBe(whole);
});

test.each(['', 'web ', 'zzz', 'site:north', 'name:"we', 'cpu>', 'cpu>8', 'vcpus:2', 'nosuch:x'])(
  '“%s” is left alone',
  (text) => {
    expect(completed(text)).toBeNull();
  }
);

test('in the middle of a term, its rest is replaced', () => {
  expect(complete('site:norxxx web', 8, HOSTS)).toMatchObject({ start: 5, end: 11, options: [{ label: 'north' }] });
});
