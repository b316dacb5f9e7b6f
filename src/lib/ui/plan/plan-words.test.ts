import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import { zh } from '#lib/messages/zh.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import type { Change } from '#lib/plan/made/changes.ts';
import { NEW_REQUEST } from '#lib/plan/made/request.ts';
import { order } from '#lib/plan/steps/order.ts';
import { someColumns } from '../../../../tests/support/some-columns.ts';
import { formatCost, planName, staleWords } from './plan-words.ts';
import { plannedSteps } from '#lib/plan/made/planned-step.ts';
import { stepRows } from './step-rows.ts';

const id = (name: string) => name as HostId;
const HOSTS = ['n1', 'n2', 'n3', 'n4'].map((name) => ({ id: id(name), name: name.toUpperCase(), site: 'north' }));
const VM = '00000000-0000-4000-8000-000000000001' as VmId;
const VMS = [{ id: VM, name: 'web' }];
const named = (change: Partial<typeof NEW_REQUEST>, m: Parameters<typeof planName>[0] = en): string =>
  planName(m, { ...NEW_REQUEST, ...change }, HOSTS, VMS);

test('a plan is called by what it is for', () => {
  expect(named({})).toBe('Rebalance');
  expect(named({ scope: { kind: 'query', query: 'tag:web' } })).toBe('Rebalance · tag:web');
  expect(named({ kind: 'evacuate', leave: [id('n1'), id('gone')] })).toBe('Empty hosts · N1, gone');
  expect(named({ kind: 'evacuate', leave: HOSTS.map((host) => host.id) })).toBe('Empty hosts · 4\u00a0hosts');
  expect(named({ kind: 'place', wanted: { like: VM, count: 3, image: null } })).toBe('Place new VMs · 3 × web');
  expect(named({ kind: 'start', starts: [VM] })).toBe('Start VMs · web');
  expect(named({ kind: 'resize', resizes: [{ vm: VM, vcpus: 2, memory: 512 }] }, zh)).toBe('调整虚拟机规格 · web');
  const branch = [{ what: 'lose', host: id('n2') } as const, { what: 'busier', factor: 2 } as const];
  expect(named({ branch })).toBe('Rebalance · N2 is lost · all VMs are 2 times as busy');
  expect(named({ branch }, zh)).toBe('重新平衡 · 失去 N2 · 所有虚拟机忙碌程度为 2 倍');
});

test.each([
  [0, '0'],
  [-0.001, '0'],
  [0.456, '0.46'],
  [9.5, '9.5'],
  [47.25, '47.3'],
  [-12, '−12']
])('%d points are written %s', (points, text) => {
  expect(formatCost(points)).toBe(text);
});

test.each<[Change, string]>([
  [{ kind: 'vm-gone', vm: 'web' }, 'web is gone'],
  [{ kind: 'vm-moved', vm: 'web', host: 'n2' }, 'web is on n2 now'],
  [{ kind: 'vm-moved', vm: 'web', host: '' }, 'web is on no host now'],
  [{ kind: 'host-offline', host: 'n2' }, 'n2 is not linked']
])('%o is said', (change, words) => {
  expect(staleWords(en, change)).toBe(words);
});

test('a VM that makes way and comes back has two steps of one key', () => {
  const needs = [0, 60];
  const columns = someColumns(
    [{ room: [9, 100] }, { room: [9, 100] }, { room: [9, 100] }],
    [
      { on: 0, needs },
      { on: 1, needs }
    ]
  );
  const ordered = order(columns, [
    { vm: 0, host: 1 },
    { vm: 1, host: 0 }
  ]);
  const rows = stepRows(columns, plannedSteps(columns, ordered, new Map()), (vm) => vm === 'id-0');
  expect(rows.map(({ number, vm, from, host, detour }) => [number, vm, from, host, detour])).toEqual([
    [1, 'id-0', 'h0', 'h2', true],
    [2, 'id-1', 'h1', 'h0', false],
    [3, 'id-0', 'h2', 'h1', false]
  ]);
  expect(rows.map(({ after }) => after)).toEqual([[], [0], [0, 1]]);
  expect(rows.map(({ possible }) => possible)).toEqual([true, false, true]);
});
