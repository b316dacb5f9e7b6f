import { expect, test } from 'vitest';
import { aFleet, aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import type { HostId } from '../../model/ids.ts';
import { mib } from '../../model/units.ts';
import { HOST_MAINTENANCE, HOST_ONLINE, MEMORY, WIDTH, textAt } from '../../plugin/columns.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import { columnsOfFleet } from '../fleet/columns-of-fleet.ts';
import type { Asked } from '../fleet/survey.ts';
import { ExpectedLoad } from '../fleet/expected-load.ts';
import { DEFAULT_SETTINGS } from '../fleet/settings.ts';
import { costAfter, figuresOf } from './figures.ts';
import { groundOf, offOf, wantedLike } from './ground.ts';
import { NEW_REQUEST } from './request.ts';
import type { PlanRequest } from './request.ts';

const id = (name: string): HostId => name as HostId;
const [one, two] = [aVm(1), aVm(2)];
const fleet = aFleet(aHost('a', [one]), aHost('b', [two]), aHost('c', [], { site: 'south' }));
const ground = (change: Partial<PlanRequest>, asked: Partial<Asked> = {}) =>
  groundOf(
    { ...NEW_REQUEST, ...change },
    columnsOfFleet(fleet, new ExpectedLoad(), DEFAULT_SETTINGS, { at: 0, ...asked })
  );

test('hosts to be emptied are those named, and those in maintenance or drained in the mind', () => {
  expect(ground({ kind: 'evacuate', leave: [id('b')] }).leave).toEqual([1]);
  expect(ground({ kind: 'rebalance', leave: [id('b')] }).leave).toEqual([]);
  const drained = ground({ branch: [{ what: 'drain', host: id('a') }] });
  expect(drained.leave).toEqual([0]);
  expect(drained.columns.hostFlags[0]).toBe(HOST_ONLINE | HOST_MAINTENANCE);
});

test('VMs that are to start have their size then, and one without room stays as it is', () => {
  const off = [aVm(3, { state: 'off' }), aVm(4, { state: 'off', memory: mib(1e8) })] as const;
  const starts = off.map((vm) => vm.id);
  const survey = columnsOfFleet(aFleet(aHost('a', off)), new ExpectedLoad(), DEFAULT_SETTINGS, { at: 0, starts });
  const { columns, was, before, room } = groundOf({ ...NEW_REQUEST, kind: 'start', starts }, survey);
  const at = survey.vms.findIndex((vm) => vm?.id === off[0].id);
  expect([...before.keys()]).toEqual([at]);
  expect(room.without).toMatchObject([{ vm: 1 - at, would: [] }]);
  const memory = (of: typeof columns): number[] => [at, 1 - at].map((vm) => of.demand[vm * WIDTH + MEMORY]!);
  expect([memory(columns), memory(was)]).toEqual([
    [off[0].memory, 0],
    [0, 0]
  ]);
});

test('what is off goes only from the hosts that are emptied of it, and back where a plan had taken it', () => {
  const [off, other] = [aVm(3, { state: 'off' }), aVm(4, { state: 'off' })];
  const [here, there] = [aHost('a', [one, off]), aHost('b', [other])];
  const goes = (change: Partial<PlanRequest>): boolean[] => {
    const may = offOf({ ...NEW_REQUEST, ...change });
    return [may?.(off, here) ?? false, may?.(other, there) ?? false];
  };
  const leave = [here.id];
  expect(goes({ kind: 'evacuate', leave })).toEqual([false, false]);
  expect(goes({ kind: 'evacuate', leave, off: true })).toEqual([true, false]);
  expect(goes({ kind: 'rebalance', leave, off: true })).toEqual([false, false]);
  const back = { of: '0123456789abcdef', moves: [{ vm: other.id, to: here.id }], shares: [] };
  expect(goes({ kind: 'undo', back })).toEqual([false, true]);
});

test('VMs of lost hosts and sites have to be placed anew', () => {
  const lost = ground({ branch: [{ what: 'lose', host: id('a') }] });
  expect(lost.place).toEqual([0]);
  expect(ground({ branch: [{ what: 'lose-site', site: 'north' }] }).place).toEqual([0, 1]);
});

test('what is imagined is suited to what it is like', () => {
  const branch: PlanRequest['branch'] = [
    { what: 'add-hosts', like: id('c'), count: 2 },
    { what: 'add-vms', like: two.id, count: 3 }
  ];
  const { columns, place, unsuited } = ground({ branch });
  expect([columns.hosts, columns.vms, place]).toEqual([5, 5, [2, 3, 4]]);
  expect(textAt(columns.hostName, 4)).toBe('c-new-2');
  for (const host of [2, 3, 4]) expect(unsuited(4, host)).toEqual(unsuited(1, 2));
});

test('new VMs are as the one they are like', () => {
  const wanted = wantedLike(two, 2);
  expect(wanted.map(({ name, vcpus, memory }) => [name, vcpus, memory])).toEqual([
    [`${two.name}-new-1`, two.vcpus, two.memory],
    [`${two.name}-new-2`, two.vcpus, two.memory]
  ]);
  expect(ground({ kind: 'place' }, { wanted }).place).toEqual([2, 3]);
});

test('a request that names what is not there says so', () => {
  const wrong = (change: Partial<PlanRequest>) => () => ground(change);
  expect(wrong({ kind: 'evacuate', leave: [id('z')] })).toThrow('there is no host “z”');
  expect(wrong({ branch: [{ what: 'lose-site', site: 'west' }] })).toThrow('there is no site “west”');
  expect(wrong({ branch: [{ what: 'add-vms', like: aVm(9).id, count: 1 }] })).toThrow('there is no VM');
});

test('figures tell what is not done: VMs without a host, and VMs that stay', () => {
  const { columns, leave } = ground({ branch: [{ what: 'lose', host: id('a') }], kind: 'evacuate', leave: [id('b')] });
  const nothing = figuresOf(columns, DEFAULT_WEIGHTS, leave, []);
  expect([nothing.unplaced, nothing.staying]).toEqual([1, 1]);
  const moves = [
    { vm: 0, host: 2 },
    { vm: 1, host: 2 }
  ];
  const all = figuresOf(columns, DEFAULT_WEIGHTS, leave, moves);
  expect([all.unplaced, all.staying, all.difference.moved.length, all.difference.placed.length]).toEqual([0, 0, 1, 1]);
  expect(all.cost).toBeCloseTo(costAfter(columns, DEFAULT_WEIGHTS, moves));
  expect(all.fullest?.host).toBe(2);
});
