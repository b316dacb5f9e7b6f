import { describe, expect, test } from 'vitest';
import { someColumns, type SomeHost, type SomeVm } from '../../../../tests/support/some-columns.ts';
import { en } from '#lib/messages/en.ts';
import { loadTranslation } from '#lib/messages/messages.ts';
import { HOST_MAINTENANCE, HOST_ONLINE, type Rule } from '#lib/plugin/columns.ts';
import { FleetView } from '#lib/plugin/fleet-view.ts';
import { DEFAULT_WEIGHTS } from '#lib/plugin/weights.ts';
import { explain, type Explanation, type HostReason } from '#lib/plan/review/explain.ts';
import { changeText, formatPoints, largest, obstacleText, telling, whySentences } from './explanation-words.ts';

const explained = (hosts: readonly SomeHost[], vms: readonly SomeVm[], rules: readonly Rule[] = []): Explanation =>
  explain(new FleetView(someColumns(hosts, vms, rules)), DEFAULT_WEIGHTS, 0, (_, host) =>
    vms[0]?.may?.includes(host) === false ? { kind: 'no-network', name: 'lan' } : null
  );
const named = (count: number) => Array.from({ length: count }, (_, host) => ({ name: `h${host}`, site: 's0' }));
const firstOf = ({ hosts }: Explanation): HostReason => {
  const [first] = hosts;
  if (first === undefined) throw new Error('no host');
  return first;
};
const GIB_8 = { room: [16, 8192, 1e6, 8000] };

describe('points', () => {
  test.each([
    [4.126, '4.13'],
    [-0.5, '−0.50'],
    [0.004, '0'],
    [-0.004, '0'],
    [120, '120.00']
  ])('%d are written as %s', (points, text) => {
    expect(formatPoints(points)).toBe(text);
  });
});

describe('why a host', () => {
  test('a VM that is best where it is: by how much, and by what mostly', () => {
    const explanation = explained([{ safe: [] }, { safe: [] }], [{ on: 0, needs: [1, 4096], mib: 8192 }]);
    expect(whySentences(en, explanation, named(2))).toEqual([
      'h0 costs 0, the next best, h1, 0.90.',
      'Most of the difference is Move: 0.50.'
    ]);
  });

  test('a VM that would be cheaper elsewhere says where', () => {
    const crowded = { room: [16, 8192, 1e6, 8000], safe: [16, 1024, 1e6, 8000] };
    const roomy = { room: [16, 8192, 1e6, 8000], safe: [16, 8192, 1e6, 8000] };
    const [first, second] = whySentences(
      en,
      explained([crowded, roomy], [{ on: 0, needs: [1, 6144], mib: 0 }]),
      named(2)
    );
    expect(first).toMatch(/^h0 costs .*; h1 would cost only .*\.$/);
    expect(second).toMatch(/^Most of the difference is Memory: /);
  });

  test('a new VM has a cheapest host', () => {
    expect(whySentences(en, explained([GIB_8], [{ on: -1, needs: [1, 512] }]), named(1))).toEqual([
      expect.stringMatching(/^h0 is the cheapest: /)
    ]);
  });

  test('a new VM that fits nowhere: what comes nearest, and what would help', () => {
    const explanation = explained(
      [{ room: [16, 1024, 1e6] }, { room: [16, 3072, 1e6] }],
      [{ on: -1, needs: [1, 4096] }]
    );
    expect(whySentences(en, explanation, named(2))).toEqual([
      'No host can have it.',
      'h1 comes nearest.',
      '1\u00a0GiB of memory too little (33\u00a0% of the host).',
      'Would help: 1\u00a0GiB less memory, or freed there.'
    ]);
  });

  test('without hosts there is nothing that comes near', () => {
    expect(whySentences(en, { vm: 0, hosts: [] }, [])).toEqual(['No host can have it.']);
  });
});

test('every obstacle of a host is said, and all that would have to change', () => {
  const first = firstOf(
    explained(
      [{ flags: HOST_ONLINE | HOST_MAINTENANCE, room: [1, 1024, 1e6] }],
      [{ on: -1, needs: [2, 4096], may: [] }]
    )
  );
  expect(first.obstacles.map((obstacle) => obstacleText(en, obstacle))).toEqual([
    'does not suit: the host has no network “lan”',
    'the host is in maintenance',
    '1\u00a0vCPU too few (100\u00a0% of the host)',
    '3\u00a0GiB of memory too little (300\u00a0% of the host)'
  ]);
  expect(changeText(en, first)).toBe(
    'Would help: giving the host what is missing, or choosing otherwise for the VM, and ending its maintenance, ' +
      'and 1\u00a0vCPU fewer, or freed there, and 3\u00a0GiB less memory, or freed there.'
  );
});

test('in Chinese, too', async () => {
  const zh = (await loadTranslation('zh-CN')) ?? en;
  const first = firstOf(explained([{ room: [16, 1024, 1e6] }], [{ on: -1, needs: [1, 4096] }]));
  expect(first.obstacles.map((obstacle) => obstacleText(zh, obstacle))).toEqual([
    '缺少 3\u00a0GiB 内存（主机的 300\u00a0%）'
  ]);
});

test('a rule in the way names itself and the VM it is about, whatever else is in the way', async () => {
  const zh = (await loadTranslation('zh-CN')) ?? en;
  const apart = { kind: 'apart', name: 'db', vms: Int32Array.of(0, 1) } as const;
  const explanation = explained([{ room: [1, 8192, 1e6] }, {}], [{ on: 1, needs: [2] }, { on: 0 }], [apart]);
  const there = explanation.hosts.find(({ host }) => host === 0);
  expect(there?.obstacles.map((obstacle) => obstacleText(zh, obstacle))).toEqual([
    '缺少 1\u00a0个 vCPU（主机的 100\u00a0%）',
    '规则“db”：v1 在此主机上'
  ]);
});

test('a host that holds more than it has is short of room for its own VMs, too', () => {
  const explanation = explained([{ room: [16, 1024, 1e6] }], [{ on: 0, needs: [1, 4096] }]);
  expect(firstOf(explanation).obstacles.map((obstacle) => obstacleText(en, obstacle))).toEqual([
    '3\u00a0GiB of memory too little (300\u00a0% of the host)'
  ]);
});

test('only terms that tell hosts apart from nothing are shown, the largest first within a host', () => {
  const explanation = explained([{}, {}], [{ on: 0, needs: [1, 1024], mib: 102_400 }]);
  expect(telling(explanation)).toEqual(['move', 'copy']);
  expect(explanation.hosts.map(largest)).toEqual([[], ['copy', 'move']]);
});
