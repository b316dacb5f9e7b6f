import { expect, test } from 'vitest';
import type { Activity, Host, Progress } from '#lib/model/fleet.ts';
import type { CommandId, HostId, VmId } from '#lib/model/ids.ts';
import { percent } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { NO_TRACE, boundFor, follow, stillToCome, underWay, type Bound, type Move } from './moves.ts';

const [one, two] = [aVm(1), aVm(2)];
const AWAY: Move = { vm: one.id, from: 'a' as HostId, to: 'b' as HostId, percent: null };
const TO_C: Bound = { to: 'c' as HostId, percent: percent(40) };

/** The moves seen after each of these fleets, one second apart. */
function seen(...fleets: readonly (readonly Host[])[]): Move[][] {
  let trace = NO_TRACE;
  return fleets.map((hosts, at) => {
    const step = follow(trace, hosts, at * 1000);
    trace = step.trace;
    return [...step.moves];
  });
}

test('a VM that went from one host to another in one step has moved', () => {
  const before = [aHost('a', [one, two]), aHost('b')];
  expect(seen(before, [aHost('a', [two]), aHost('b', [one])])).toEqual([[], [AWAY]]);
});

test('a VM that was on both for a while has moved when it left the first', () => {
  const both = [aHost('a', [one]), aHost('b', [one])];
  expect(seen([aHost('a', [one]), aHost('b')], both, [aHost('a'), aHost('b', [one])])).toEqual([[], [], [AWAY]]);
});

test('a VM that was on none for a while has moved when it reached the second', () => {
  const none = [aHost('a'), aHost('b')];
  expect(seen([aHost('a', [one]), aHost('b')], none, [aHost('a'), aHost('b', [one])])).toEqual([[], [], [AWAY]]);
});

test('a VM that turns up long after it went has not travelled', () => {
  const none = [aHost('a'), aHost('b')];
  const late = Array.from({ length: 20 }, () => none);
  expect(seen([aHost('a', [one]), aHost('b')], ...late, [aHost('a'), aHost('b', [one])]).flat()).toEqual([]);
});

test('VMs that are made, deleted or come back to their host do not move; nor does a fleet that has just appeared', () => {
  const full = [aHost('a', [one]), aHost('b', [two])];
  expect(
    seen(full, [aHost('a'), aHost('b', [two])], full, [aHost('a', [one, aVm(3)]), aHost('b', [two])]).flat()
  ).toEqual([]);
  expect(seen([aHost('a', [one])], [aHost('a', [one]), aHost('b', [one])]).flat()).toEqual([]);
});

test('a moving VM is under way to the host that already has it, or that it is known to be bound for', () => {
  const moving = { ...one, state: 'moving' as const };
  const hosts = [aHost('a', [moving]), aHost('b', [{ ...one, state: 'paused' }]), aHost('c')];
  expect(underWay(hosts, new Map())).toEqual([AWAY]);
  expect(underWay(hosts, new Map([[one.id, TO_C]]))).toEqual([{ ...AWAY, ...TO_C }]);
  expect(underWay([aHost('a', [moving]), aHost('b')], new Map<VmId, Bound>())).toEqual([]);
});

test('a VM whose move runs is bound for the host its journal says, though it still runs where it is', () => {
  const activity = (more: Partial<Activity>): Activity =>
    ({
      command: '',
      op: 'vm.migrate',
      status: 'running',
      vm: one.id,
      summary: 'Move to the right to c',
      ...more
    }) as Activity;
  const far = { command: '' as CommandId, stage: 'copying', percent: TO_C.percent } as Progress;
  const at = (more: Partial<Activity>, telling = true) =>
    aHost('a', [one], { activity: [activity(more)], progress: new Map(telling ? [[far.command, far]] : []) });
  const hosts = [at({}), aHost('b'), aHost('c')];
  expect(boundFor(hosts)).toEqual(new Map([[one.id, TO_C]]));
  expect(underWay(hosts, boundFor(hosts))).toEqual([{ ...AWAY, ...TO_C }]);
  for (const other of [at({ status: 'done' }), at({ op: 'vm.clone' }), at({ summary: 'Move to' }), at({}, false)])
    expect(boundFor([other])).toEqual(new Map());
});

test('a planned move is still to come while its VM is where it leaves from, until it is on its way', () => {
  const hosts = [aHost('a', [one]), aHost('b')];
  expect(stillToCome([AWAY], hosts, [])).toEqual([AWAY]);
  expect(stillToCome([AWAY], hosts, [AWAY])).toEqual([]);
  expect(stillToCome([AWAY], [aHost('a'), aHost('b', [one])], [])).toEqual([]);
  // On the map of one host alone there is nowhere to point to.
  expect(stillToCome([AWAY], hosts.slice(0, 1), [])).toEqual([]);
});
