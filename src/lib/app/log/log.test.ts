import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import { zh } from '#lib/messages/zh.ts';
import type { Activity } from '#lib/model/fleet.ts';
import type { CommandId, HostId, OperatorKey } from '#lib/model/ids.ts';
import { millis, percent } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { cancellation } from '../tasks/cancellation.ts';
import { JournalRows } from './journal-rows.ts';
import { logCsv } from './log-csv.ts';
import { filtersNothing, logMatcher, NO_FILTER, printLogFilter, readLogFilter, type LogFilter } from './filter.ts';
import { journalRow, newestFirst, sightingRow, tookOf } from './row.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const VM = aVm(1, { name: 'db-1' });
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as CommandId;
const activity = (number: number, more: Partial<Activity> = {}): Activity => ({
  number,
  command: id(number),
  op: 'vm.pause',
  operator: 'key' as OperatorKey,
  operatorLabel: 'ada',
  vm: VM.id,
  summary: 'Pause db-1',
  status: 'done',
  startedAt: millis(NOW - 10_000),
  endedAt: millis(NOW - 9_000),
  reason: null,
  note: null,
  ...more
});
const read = (search: string) => readLogFilter({ searchParams: new URLSearchParams(search) });
const fits = (filter: Partial<LogFilter>, ...activities: Activity[]) =>
  activities
    .map((each) => journalRow(en, aHost('n1', [VM]), each))
    .filter(logMatcher({ ...NO_FILTER, ...filter }, NOW))
    .map(({ number }) => number);

test('an entry of a host whose clock is an hour ahead stands where it belongs, and took no negative time', () => {
  const ahead = aHost('n1', [VM], { clockAhead: HOUR });
  const first = journalRow(
    en,
    ahead,
    activity(1, { startedAt: millis(NOW + HOUR - 20_000), endedAt: null, status: 'running' })
  );
  const second = journalRow(en, aHost('n2', [VM]), activity(2));
  expect([first, second].sort(newestFirst).map(({ number }) => number)).toEqual([2, 1]);
  expect(tookOf(first, NOW)).toBe(20_000);
  expect(tookOf(first, NOW - HOUR)).toBe(0);
  const turned = journalRow(en, ahead, activity(3, { startedAt: millis(NOW), endedAt: millis(NOW - 5) }));
  expect(tookOf(turned, NOW)).toBe(0);
});

test('words must all occur, in any field; a number is a journal number', () => {
  const failed = activity(12, { status: 'failed', reason: 'no space left', operatorLabel: 'Grace' });
  expect(fits({ words: 'grace SPACE' }, activity(1), failed)).toEqual([12]);
  expect(fits({ words: '#1' }, activity(1), failed)).toEqual([1]);
  expect(fits({ words: 'n1 db-1' }, activity(1), failed)).toEqual([1, 12]);
  expect(fits({ outcome: 'not-done' }, activity(1), failed)).toEqual([12]);
  expect(fits({ op: 'vm.clone' }, activity(1), failed)).toEqual([]);
  expect(fits({ host: 'n2' }, activity(1))).toEqual([]);
});

test('a time range has both its ends', () => {
  const old = activity(1, { startedAt: millis(NOW - 2 * HOUR), endedAt: null });
  expect(fits({ last: '1h' }, old, activity(2))).toEqual([2]);
  const minute = (at: number) => {
    const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
    return date.toISOString().slice(0, 16);
  };
  expect(fits({ from: minute(NOW - 2 * HOUR), to: minute(NOW - 2 * HOUR) }, old, activity(2))).toEqual([1]);
});

test('a filter is read from an address as it was printed, and nonsense filters nothing', () => {
  const filter: LogFilter = {
    ...NO_FILTER,
    words: 'a b',
    outcome: 'failed',
    kind: 'events',
    host: 'n1',
    op: 'vm.clone',
    last: '24h'
  };
  const printed = Object.entries(printLogFilter(filter)).filter((pair): pair is [string, string] => pair[1] !== null);
  expect(read(new URLSearchParams(printed).toString())).toEqual(filter);
  expect(
    filtersNothing(read('outcome=odd&kind=x&host=%3Cb%3E&op=A B&last=1y&from=2026-13-40T99:99&to=yesterday'))
  ).toBe(true);
  expect(read('last=1h&from=2026-11-22T14:02')).toMatchObject({ last: '1h', from: null });
});

test('the file has stable columns, instants in UTC, and no formula', () => {
  const row = journalRow(zh, aHost('n1', [VM]), activity(7, { operatorLabel: '=cmd()', reason: null }));
  const [header, line] = logCsv([row], NOW).split('\r\n');
  expect(header).toBe(
    '\ufeffkind,outcome,operation,title,reason,host_id,host,vm_id,vm,operator,journal,command,started,ended,seconds,note'
  );
  expect(line).toBe(
    `journal,done,vm.pause,暂停 db-1,,n1,n1,${VM.id},db-1,"'=cmd()",7,${id(7)},2027-01-15T07:59:50.000Z,2027-01-15T07:59:51.000Z,1.000,`
  );
});

test('rows of hosts that say nothing new are the same, and older entries stand under them once', () => {
  const rows = new JournalRows();
  const [one, two] = [
    aHost('n1', [VM], { activity: [activity(5)] }),
    aHost('n2', [], { activity: [activity(9, { vm: null })] })
  ];
  const first = rows.of(en, [one, two], null, new Map());
  expect(rows.of(en, [{ ...one, load: null }, two], null, new Map())).toBe(first);
  const older = new Map([[one.id, [activity(4), activity(5)]]]);
  expect(rows.of(en, [one, two], null, older).map((row) => row.id)).toEqual(['n2/9', 'n1/5', 'n1/4']);
  expect(rows.of(en, [one, two], VM.id, older).map((row) => row.id)).toEqual(['n1/5', 'n1/4']);
});

test('what is seen without a command has a title in the language of the tab, and takes no time', () => {
  const sight = { kind: 'state', from: 'running', to: 'off' } as const;
  const sighting = {
    at: millis(NOW),
    host: 'n1' as HostId,
    hostName: 'n1',
    vm: VM.id,
    vmName: 'db-1',
    sight,
    number: 1
  };
  expect(sightingRow(en, sighting)).toMatchObject({ title: 'db-1 is off, it was running', who: 'outside SMPS' });
  expect(sightingRow(zh, sighting).title).toBe('db-1 的状态由“运行中”变为“已关机”');
  expect(tookOf(sightingRow(en, sighting), NOW)).toBeNull();
});

test('what can be cancelled is a copy, a creation, the wait for a guest, or what still waits its turn', () => {
  const command = (op: string, startedAt = NOW) => ({ command: id(1), op, startedAt });
  const begun = aHost('n1', [], { activity: [activity(1, { status: 'running' })] });
  expect(cancellation(begun, command('vm.clone'), NOW)).toBe('undo');
  expect(cancellation(begun, command('vm.shutdown'), NOW)).toBe('stop-waiting');
  expect(cancellation(begun, command('vm.pause'), NOW + 60_000)).toBeNull();
  expect(cancellation(begun, command('vm.save'), NOW)).toBe('goes-on');
  const facts = begun.facts && { ...begun.facts, hypervisor: 'xen' as const };
  expect(cancellation({ ...begun, facts }, command('vm.save'), NOW)).toBeNull();
  const waiting = aHost('n1');
  expect(cancellation(waiting, command('vm.pause'), NOW + 500)).toBeNull();
  expect(cancellation(waiting, command('vm.pause'), NOW + 1500)).toBe('never-begins');
  expect(cancellation(aHost('n1', [], { link: 'offline' }), command('vm.clone'), NOW)).toBeNull();
  expect(cancellation(waiting, command('command.cancel'), NOW + 1500)).toBeNull();
  const copying = {
    command: id(1),
    stage: 'copying',
    percent: percent(40),
    remaining: null,
    rate: null,
    pass: null
  } as const;
  const told = aHost('n1', [], { progress: new Map([[id(1), copying]]) });
  expect(cancellation(told, command('vm.start'), NOW + 5000)).toBeNull();
});
