import { expect, test } from 'vitest';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { MANY, MANY_HOSTS, siteKey, treeRows, type TreeInput } from './tree-rows.ts';

const HOSTS = [
  aHost('n1', [aVm(1, { name: 'web-10' }), aVm(2, { name: 'web-9' })]),
  aHost('n2'),
  aHost('s1', [aVm(3, { name: 'mail' })], { site: 'south' })
];
const show = (more: Partial<TreeInput> = {}): string[] =>
  treeRows({ hosts: HOSTS, folds: new Map(), keep: null, ...more }).map((row) =>
    row.kind === 'site' ? row.site : row.kind === 'host' ? ` ${row.host.name}` : `  ${row.vm.name}`
  );

test('sites hold hosts, hosts hold VMs, in the order people count', () => {
  expect(show()).toEqual(['north', ' n1', '  web-9', '  web-10', ' n2', 'south', ' s1', '  mail']);
});

test('what is folded hides what it holds', () => {
  expect(show({ folds: new Map([[HOSTS[0]?.id ?? '', false]]) })).toEqual([
    'north',
    ' n1',
    ' n2',
    'south',
    ' s1',
    '  mail'
  ]);
  expect(show({ folds: new Map([[siteKey('north'), false]]) })).toEqual(['north', 'south', ' s1', '  mail']);
});

test('a filter shows what matches with all above it, folded or not', () => {
  const keep = { host: () => false, vm: (_: unknown, vm: { name: string }) => vm.name === 'mail' };
  expect(show({ keep, folds: new Map([[siteKey('south'), false]]) })).toEqual(['south', ' s1', '  mail']);
});

test('with many VMs hosts start folded', () => {
  const many = aHost(
    'big',
    Array.from({ length: MANY + 1 }, (_, n) => aVm(n + 10))
  );
  const rows = treeRows({ hosts: [many], folds: new Map(), keep: null });
  expect(rows.map((row) => row.kind)).toEqual(['site', 'host']);
});

test('sites of a large fleet start folded, all but that of what is looked at', () => {
  const hosts = Array.from({ length: MANY_HOSTS + 1 }, (_, n) =>
    aHost(`h${n}`, [aVm(n, { name: `vm-${n}` })], { site: n < 2 ? 'small' : 'large' })
  );
  expect(show({ hosts })).toEqual(['small', 'large']);
  expect(show({ hosts, current: 'h1' })).toEqual(['small', ' h0', ' h1', 'large']);
  expect(show({ hosts, current: aVm(0).id })).toEqual(['small', ' h0', '  vm-0', ' h1', 'large']);
  expect(show({ hosts, current: 'h1', folds: new Map([[siteKey('small'), false]]) })).toEqual(['small', 'large']);
});
