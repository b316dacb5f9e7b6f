import { expect, test } from 'vitest';
import type { Activity, ActivityStatus } from '#lib/model/fleet.ts';
import { commandId, operatorKey } from '#lib/model/ids.ts';
import { millis } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { movedHere, VmHistory } from './vm-history.ts';

const VM = aVm(1, { state: 'running', startedAt: millis(5_000) });
const entry = (op: string, from: number, to: number, status: ActivityStatus = 'done', vm = VM.id): Activity => ({
  number: from,
  command: commandId('11111111-2222-4333-8444-555555555555'),
  op,
  operator: operatorKey(`B${'A'.repeat(86)}`),
  operatorLabel: 'Ada',
  vm,
  summary: op,
  status,
  startedAt: millis(from),
  endedAt: millis(to),
  reason: null,
  note: null
});
const history = (): VmHistory => new VmHistory(VM.id);
const ops = (hosts: Parameters<VmHistory['of']>[0]): readonly string[] =>
  history()
    .of(hosts)
    .map(({ host, activity }) => `${host.id} ${activity.op}`);

test('the histories of all hosts are one, by the clock of this computer, without other VMs', () => {
  const before = aHost('n1', [], { activity: [entry('vm.migrate', 4_000, 6_000), entry('vm.start', 1_000, 2_000)] });
  const after = aHost('n2', [VM], {
    clockAhead: 100_000,
    activity: [entry('vm.pause', 107_000, 107_500), entry('vm.pause', 1, 2, 'done', aVm(2).id)]
  });
  const other = aHost('n3', [], { activity: [] });
  expect(ops([before, after, other])).toEqual(['n2 vm.pause', 'n1 vm.migrate', 'n1 vm.start']);
  expect(
    history()
      .hosts([before, after, other], after)
      .map(({ id }) => id)
  ).toEqual(['n1', 'n2']);
});

/** Whether a run that began at 5,000 did so by a move, as the journal of its host has it. */
function moved(...activity: readonly Activity[]): boolean {
  const host = aHost('n2', [VM], { activity });
  // Its clock is a minute ahead, which is too little to be told from none.
  const from = aHost('n1', [], { activity: [entry('vm.migrate', 64_000, 69_000)] });
  return movedHere(history().of([from, host]), host, VM);
}

test('a run that began while its host took the VM in was begun by a move, whatever the clock of the other host', () => {
  expect(moved(entry('migration.arrive', 4_000, 9_000))).toBe(true);
  expect(moved(entry('migration.arrive', 5_020, 9_000))).toBe(true);
  expect(moved({ ...entry('migration.arrive', 4_000, 0, 'running'), endedAt: null })).toBe(true);
});

test('a run that something else began is none that a move began', () => {
  expect(moved()).toBe(false);
  expect(moved(entry('migration.arrive', 4_000, 9_000, 'failed'))).toBe(false);
  expect(moved(entry('migration.prepare', 4_000, 9_000))).toBe(false);
  expect(moved(entry('vm.start', 4_900, 5_100), entry('migration.arrive', 1_000, 2_000))).toBe(false);
  expect(moved(entry('migration.arrive', 5_021, 9_000))).toBe(false);
});

test('what another host took in is no move to this one', () => {
  const [host, other] = [aHost('n2', [VM]), aHost('n1', [], { activity: [entry('migration.arrive', 4_000, 9_000)] })];
  expect(movedHere(history().of([other, host]), host, VM)).toBe(false);
});
