import { expect, test } from 'vitest';
import { parseJob } from './job-info.ts';

test('while disks are copied it tells of them', () => {
  const text =
    'operation : 2\ntime_elapsed : 4795\ndisk_total : 67108864\ndisk_processed : 16777216\ndisk_remaining : 50331648\ndisk_bps : 1000\n';
  expect(parseJob(text)).toEqual({ stage: 'copying', share: 0.25, remaining: 50331648, rate: 1000, pass: null });
});

test('as soon as memory goes it tells of that', () => {
  const text =
    'disk_total : 100\ndisk_remaining : 0\nmemory_total : 400\nmemory_remaining : 100\nmemory_bps : 5\nmemory_iteration : 3\n';
  expect(parseJob(text)).toEqual({ stage: 'moving', share: 0.75, remaining: 100, rate: 5, pass: 3 });
});

test.each(['', 'Job type: None', 'operation : 2\ntime_elapsed : 523\n', 'memory_total : lots\n'])(
  'of “%s” it tells nothing',
  (text) => {
    expect(parseJob(text)).toBeNull();
  }
);
