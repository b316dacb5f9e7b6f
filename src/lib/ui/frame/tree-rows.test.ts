import { expect, test } from 'vitest';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { MANY, siteKey, treeRows, type TreeInput } from './tree-rows.ts';

const HOSTS = [
  aHost('n1', [
    Object.assign(aVm(1, { name: 'web-10' }), { tags: ['gold', 'web'] }),
    Object.assign(aVm(2, { name: 'web-9' }), { tags: ['web'] })
  ]),
  aHost('n2'),
  aHost('s1', [aVm(3, { name: 'mail' })], { site: 'south' })
];
const show = (more: Partial<TreeInput> = {}): string[] =>
  treeRows({ hosts: HOSTS, grouping: 'site', folds: new Map(), keep: null, ...more }).map(
    (row) =>
      ' '.repeat(row.level - 1) +
      (row.kind === 'group'
        ? `${row.group.name ?? '-'} (${row.count})`
        : row.kind === 'host'
          ? row.host.name
          : row.vm.name)
  );

test('sites hold hosts, hosts hold VMs, in the order people count', () => {
  expect(show()).toEqual(['north (2)', ' n1', '  web-9', '  web-10', ' n2', 'south (1)', ' s1', '  mail']);
});

test('what is folded hides what it holds', () => {
  expect(show({ folds: new Map([[HOSTS[0]?.id ?? '', false]]) })).toEqual([
    'north (2)',
    ' n1',
    ' n2',
    'south (1)',
    ' s1',
    '  mail'
  ]);
  expect(show({ folds: new Map([[siteKey('north'), false]]) })).toEqual(['north (2)', 'south (1)', ' s1', '  mail']);
});

test('a filter shows what matches with all above it, folded or not', () => {
  const keep = { host: () => false, vm: (_: unknown, vm: { name: string }) => vm.name === 'mail' };
  const folds = new Map([[siteKey('south'), false]]);
  expect(show({ keep, folds })).toEqual(['south (1)', ' s1', '  mail']);
  expect(show({ keep, grouping: 'tag' })).toEqual(['- (1)', ' mail']);
});

test('by tag, a VM stands under each of its tags, and those without come last', () => {
  expect(show({ grouping: 'tag' })).toEqual(['gold (1)', ' web-10', 'web (2)', ' web-9', ' web-10', '- (1)', ' mail']);
  const rows = treeRows({ hosts: HOSTS, grouping: 'tag', folds: new Map(), keep: null });
  expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
});

test('a VM that two hosts name, as on its way from one to the other, has a row of its own under each', () => {
  const mail = aVm(3, { name: 'mail' });
  const hosts = [aHost('n1', [mail]), aHost('s1', [mail], { site: 'south' })];
  for (const grouping of ['site', 'hypervisor', 'tag'] as const) {
    const rows = treeRows({ hosts, grouping, folds: new Map(), keep: null });
    expect(rows.filter(({ id }) => id === mail.id)).toHaveLength(2);
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  }
});

test('by hypervisor, hosts of several sites stand together', () => {
  const hypervisors = new Set(HOSTS.map((host) => host.facts?.hypervisor));
  expect(hypervisors.size).toBe(1);
  expect(show({ grouping: 'hypervisor' })).toEqual([
    `${[...hypervisors][0] ?? ''} (3)`,
    ' n1',
    '  web-9',
    '  web-10',
    ' n2',
    ' s1',
    '  mail'
  ]);
});

test('by hypervisor, hosts of Xen stand apart from those of QEMU, whatever their sites', () => {
  const xen = aHost('x1', [aVm(4, { name: 'pv', kind: 'pv' })]);
  const hosts = [
    aHost('q1'),
    { ...xen, facts: xen.facts && { ...xen.facts, hypervisor: 'xen' as const } },
    aHost('q2', [], { site: 'south' })
  ];
  expect(show({ hosts, grouping: 'hypervisor' })).toEqual(['qemu (2)', ' q1', ' q2', 'xen (1)', ' x1', '  pv']);
});

test('with many VMs hosts and tags start folded, but for the host of what is looked at', () => {
  const many = aHost(
    'big',
    Array.from({ length: MANY + 1 }, (_, n) => aVm(n + 10))
  );
  const kinds = (grouping: 'site' | 'tag') =>
    treeRows({ hosts: [many], grouping, folds: new Map(), keep: null }).map((row) => row.kind);
  expect(kinds('site')).toEqual(['group', 'host']);
  expect(kinds('tag')).toEqual(['group']);
  const looked = treeRows({ hosts: [many], grouping: 'site', folds: new Map(), keep: null, current: aVm(10).id });
  expect(looked).toHaveLength(MANY + 3);
});

test('of a host that is the same and as far unfolded, the very same row comes again', () => {
  const rows = (hosts: TreeInput['hosts'], open: boolean) =>
    treeRows({ hosts, grouping: 'site', folds: new Map([['n1', open]]), keep: null });
  const [, n1] = rows(HOSTS, false);
  expect(rows([...HOSTS], false)[1]).toBe(n1);
  expect(rows(HOSTS, true)[1]).toMatchObject({ id: 'n1', open: true });
  const [first, ...others] = HOSTS;
  if (first === undefined) throw new Error('no host');
  expect(rows([{ ...first }, ...others], false)[1]).not.toBe(n1);
});
