import { expect, test } from 'vitest';
import type { Activity, ActivityStatus } from '#lib/model/fleet.ts';
import { commandId, operatorKey } from '#lib/model/ids.ts';
import { millis } from '#lib/model/units.ts';
import { aHost } from '../../../tests/support/a-fleet.ts';
import { aVm } from '../../../tests/support/fake-host.ts';
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

/** On the target, whose clock is `ahead` of that of the source, too little to be told from none. */
const here = (ahead: number, ...activity: Activity[]) => {
  const host = aHost('n2', [VM], { activity: [entry('migration.prepare', 3_900 + ahead, 4_000 + ahead), ...activity] });
  return { host, vm: { ...VM, startedAt: millis(5_000 + ahead) } };
};
const MOVE = entry('vm.migrate', 4_100, 9_000);
const moved = ({ host, vm }: ReturnType<typeof here>, activity: readonly Activity[] = [MOVE]): boolean =>
  movedHere(history().of([aHost('n1', [], { activity }), host]), host, vm);

test.each([-50_000, -2_000, -560, 0, 970, 50_000])('a run that a move began is known, clocks %d ms apart', (ahead) => {
  expect(moved(here(ahead + 60_000))).toBe(moved(here(60_000)));
  expect(moved(here(ahead + 60_000))).toBe(true);
});

test('a run that something else began is none that a move began', () => {
  expect(moved(here(0), [{ ...MOVE, status: 'failed' }])).toBe(false);
  expect(moved(here(0), [{ ...MOVE, op: 'vm.save' }])).toBe(false);
  expect(moved(here(0), [])).toBe(false);
  expect(moved(here(0, entry('vm.start', 4_900, 5_100)))).toBe(false);
  expect(moved(here(0, entry('vm.start', 4_900, 5_100, 'failed')))).toBe(true);
});

test('a run long after the move, which no agent began, is its own', () => {
  const { host, vm } = here(0);
  expect(moved({ host, vm: { ...vm, startedAt: millis(4_000 + 300_000 + 4_900) } })).toBe(true);
  expect(moved({ host, vm: { ...vm, startedAt: millis(4_000 + 300_000 + 4_901) } })).toBe(false);
});

test('one that came back has moved here, and one that never left has not', () => {
  const back = aHost('n1', [VM], {
    activity: [entry('migration.prepare', 4_200, 4_300), entry('vm.migrate', 2_000, 3_000), entry('vm.start', 100, 200)]
  });
  const between = aHost('n2', [], { activity: [entry('vm.migrate', 4_400, 6_000)] });
  expect(movedHere(history().of([back, between]), back, VM)).toBe(true);
  expect(movedHere(history().of([back, between]), back, { ...VM, startedAt: millis(150) })).toBe(false);
});
