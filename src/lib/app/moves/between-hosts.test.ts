import { expect, test } from 'vitest';
import type { Activity, ActivityStatus } from '#lib/model/fleet.ts';
import { commandId, operatorKey } from '#lib/model/ids.ts';
import { millis } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { BetweenHosts } from './between-hosts.ts';

const VM = aVm(1, { state: 'running' });
const entry = (op: string, status: ActivityStatus): Activity => ({
  ...{ number: 1, command: commandId('11111111-2222-4333-8444-555555555555'), op, vm: VM.id, summary: op, status },
  ...{ operator: operatorKey(`B${'A'.repeat(86)}`), operatorLabel: 'Ada', reason: null, note: null },
  ...{ startedAt: millis(1), endedAt: null }
});

/** What is shown of it this long after it was last on n1, which then tells of these. */
function shown(after: number, ...activity: readonly Activity[]): string | null {
  const here = aHost('n1', [VM]);
  const between = new BetweenHosts(VM.id);
  const never = (): number => {
    throw new Error('it is on a host');
  };
  expect(between.look({ host: here, vm: VM }, [here], never)).toEqual({ host: here, vm: VM });
  const hosts = [aHost('n1', [], { activity })];
  let now = 1_000;
  const look = (): string | null => {
    const placed = between.look(null, hosts, () => now);
    return placed === null ? null : `${placed.vm.state} ${placed.host.id}`;
  };
  look();
  now += after;
  return look();
}

test.each<[string, number, Activity[], string | null]>([
  ['one that its host is moving', 5_000, [entry('vm.migrate', 'running')], 'moving n1'],
  ['one that its host has moved', 15_000, [entry('vm.migrate', 'done')], 'moving n1'],
  ['one that came nowhere', 15_001, [entry('vm.migrate', 'done')], null],
  ['one whose move failed', 0, [entry('vm.migrate', 'failed')], null],
  ['one that was deleted later', 0, [entry('vm.delete', 'done'), entry('vm.migrate', 'done')], null],
  ['one of which its host says nothing', 0, [], null]
])('%s', (_, after, activity, expected) => {
  expect(shown(after, ...activity)).toBe(expected);
});

test('one that was never seen is nowhere', () => {
  expect(new BetweenHosts(VM.id).look(null, [aHost('n1')], () => 0)).toBeNull();
});
