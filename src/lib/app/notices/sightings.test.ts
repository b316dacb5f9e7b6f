import { expect, test } from 'vitest';
import type { Activity, Host, Vm } from '#lib/model/fleet.ts';
import type { CommandId, OperatorKey, Revision } from '#lib/model/ids.ts';
import { millis } from '#lib/model/units.ts';
import { aFleet, aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { Lookout } from './lookout.ts';
import { sightings } from './sightings.ts';

const NOW = millis(1_800_000_000_000);
const seen = (before: Host, after: Host) =>
  sightings(aFleet(before), aFleet(after), NOW).map(({ vmName, sight }) => [vmName, sight.kind]);
const on = (...vms: Vm[]) => aHost('n1', vms);
const commanded = (endedAt: number | null): Activity => ({
  number: 1,
  command: '' as CommandId,
  op: 'vm.shutdown',
  operator: '' as OperatorKey,
  operatorLabel: 'ada',
  vm: aVm(1).id,
  summary: '',
  status: endedAt === null ? 'running' : 'done',
  startedAt: millis(NOW - 60_000),
  endedAt: endedAt === null ? null : millis(endedAt),
  reason: null,
  note: null
});

test('a VM that comes, goes, changes its state or its configuration without a command is seen', () => {
  expect(seen(on(), on(aVm(1)))).toEqual([['vm1', 'appeared']]);
  expect(seen(on(aVm(1)), on())).toEqual([['vm1', 'gone']]);
  expect(seen(on(aVm(1)), on(aVm(1, { state: 'off' })))).toEqual([['vm1', 'state']]);
  expect(seen(on(aVm(1)), on(aVm(1, { revision: 'f'.repeat(16) as Revision })))).toEqual([['vm1', 'changed']]);
  expect(seen(on(aVm(1)), on(aVm(1, { state: 'stopping' })))).toEqual([]);
});

test('what a command explains is not told beside it: while it runs, and shortly after', () => {
  const off = [aVm(1, { state: 'off' })];
  const after = (activity: Activity, clockAhead = 0) => aHost('n1', off, { activity: [activity], clockAhead });
  expect(seen(on(aVm(1)), after(commanded(null)))).toEqual([]);
  expect(seen(on(aVm(1)), after(commanded(NOW - 5_000)))).toEqual([]);
  expect(seen(on(aVm(1)), after(commanded(NOW - 15_000)))).toEqual([['vm1', 'state']]);
  expect(seen(on(aVm(1)), after(commanded(NOW - 3_600_000 - 5_000), -3_600_000))).toEqual([]);
});

test('links lost and found, and trouble on a host, are seen; the first link of a tab is not', () => {
  const away = aHost('n1', [], { link: 'offline' });
  const trying = aHost('n1', [], { link: 'connecting' });
  expect(seen(on(), away)).toEqual([[null, 'lost']]);
  expect([seen(away, trying), seen(trying, away)].flat()).toEqual([]);
  expect(seen(trying, on())).toEqual([[null, 'back']]);
  expect(seen(on(), aHost('n1', [], { trouble: 'libvirtd is away' }))).toEqual([[null, 'trouble']]);
  expect(seen(aHost('n1', [], { link: 'connecting', facts: null }), on(aVm(1)))).toEqual([]);
});

test('each has a number of its own in a tab, also those of one instant', () => {
  const lookout = new Lookout();
  lookout.look(aFleet(on(aVm(1), aVm(2))), NOW);
  const numbers = [on(), on(aVm(1))].flatMap((host) =>
    lookout.look(aFleet(host), NOW).sightings.map((each) => each.number)
  );
  expect(numbers).toEqual([1, 2, 3]);
});
