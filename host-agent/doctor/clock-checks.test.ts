import { rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scratch } from '../../tests/support/agent-lab.ts';
import { chronyOffset, judgeClock, probeClock } from './clock-checks.ts';
import type { ClockProbe } from './clock-checks.ts';

let directory: string;
beforeEach(async () => {
  directory = await scratch();
});
afterEach(() => rm(directory, { recursive: true }));

const RIGHT: ClockProbe = { synchronised: true, offset: null, ahead: 0, pace: 1, source: 'tsc' };
test.each<[Partial<ClockProbe>, string]>([
  [{}, 'ok kept by NTP'],
  [{ offset: 3 }, 'ok kept by NTP, 3 ms off'],
  [
    { synchronised: null },
    'ok it goes evenly; whether something keeps it right, nothing here tells (chronyc, timedatectl)'
  ],
  [{ synchronised: false }, 'warn nothing keeps the clock right: it drifts until commands seem to have expired'],
  [{ offset: 95_000 }, 'fail the clock is off by 95 s: commands will seem to have expired'],
  [{ ahead: 3_599_900 }, 'fail the clock is behind by 3600 s at least: files of the agent are from the future'],
  [{ pace: 1.5 }, 'warn in 250 ms the clock went 1.50 times as fast as it should: it is being set, or is broken'],
  [{ source: 'hpet' }, 'warn the clock source is hpet, which is slow to read']
])('%j', (more, said) => {
  expect(judgeClock({ ...RIGHT, ...more }).map(({ level, says }) => `${level} ${says}`)).toEqual([said]);
});

test('a clock that went back is found by the files that were written before', async () => {
  const file = join(directory, 'journal.jsonl');
  await writeFile(file, '');
  expect((await probeClock(directory)).ahead).toBe(0);
  const soon = new Date(Date.now() + 3_600_000);
  await utimes(file, soon, soon);
  const { ahead, pace } = await probeClock(directory);
  expect(ahead).toBeGreaterThan(3_590_000);
  expect(pace).toBeGreaterThan(0);
});

test('chrony’s offset is read in either direction', () => {
  expect(chronyOffset('Stratum         : 3\nSystem time     : 0.012400000 seconds slow of NTP time\n')).toBe(12);
  expect(chronyOffset('System time     : 95.000000000 seconds fast of NTP time\n')).toBe(95_000);
  expect(chronyOffset('506 Cannot talk to daemon')).toBeNull();
});
