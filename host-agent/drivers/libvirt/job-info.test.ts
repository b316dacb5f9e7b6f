import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes } from '../../../src/lib/model/units.ts';
import { MigrationJob } from './job-info.ts';

const MIB = 1024 * 1024;
const job = (memory = 400): MigrationJob => new MigrationJob(bytes(memory));
const disks = (processed: number, total = 64 * MIB): string =>
  `operation : 2\ndisk_total : ${total}\ndisk_processed : ${processed}\ndisk_remaining : ${total - processed}\n`;

test('while disks are copied it tells of them', () => {
  const text = `${disks(16 * MIB)}disk_bps : 1000\n`;
  expect(job().read(text, 0)).toEqual({
    stage: 'copying',
    share: 0.25,
    remaining: 48 * MIB,
    rate: 1000,
    pass: null
  });
});

test('as soon as memory goes it tells of that', () => {
  const text =
    'disk_total : 100\ndisk_remaining : 0\nmemory_total : 400\nmemory_remaining : 100\nmemory_bps : 5\nmemory_iteration : 3\n';
  expect(job().read(text, 0)).toEqual({ stage: 'moving', share: 0.75, remaining: 100, rate: 5, pass: 3 });
});

test('where libvirt tells no rate, it is what went in the last seconds', () => {
  const reads = job();
  const rates = [0, 8, 16, 24, 24].map((mib, at) => reads.read(disks(mib * MIB), 2_000 * at)?.rate);
  expect(rates).toEqual([null, 4 * MIB, 4 * MIB, 4 * MIB, 2 * MIB]);
});

test('of memory the first look reckons no rate from disks, and the second from memory', () => {
  const reads = job(128 * MIB);
  const memory = (processed: number): string =>
    `memory_total : ${512 * MIB}\nmemory_processed : ${processed}\nmemory_remaining : ${128 * MIB - processed}\nmemory_bps : 0\n`;
  reads.read(disks(MIB), 0);
  expect(reads.read(memory(0), 700)?.rate).toBeNull();
  expect(reads.read(memory(MIB), 1_700)?.rate).toBe(MIB);
});

test('memory that the VM does not have counts neither as done nor as to be done', () => {
  const read = (left: number) =>
    job(128 * MIB).read(`memory_total : ${512 * MIB}\nmemory_remaining : ${left * MIB}\n`, 0);
  expect(read(512)).toMatchObject({ share: 0, remaining: 128 * MIB });
  expect(read(126)?.share).toBe(1 / 64);
  expect(read(0)).toMatchObject({ share: 1, remaining: 0 });
});

test('whatever the figures, the share is one and nothing is negative', () => {
  const figure = fc.nat({ max: 2 ** 40 });
  fc.assert(
    fc.property(
      figure,
      fc.array(fc.tuple(figure, figure, figure, fc.nat(9_000)), { maxLength: 6 }),
      (memory, looks) => {
        const reads = job(memory);
        let at = 0;
        for (const [total, left, processed, ms] of looks) {
          at += ms;
          const text = `memory_total : ${total}\nmemory_remaining : ${left}\nmemory_processed : ${processed}\n`;
          const said = reads.read(text, at);
          if (said === null) continue;
          const { share, remaining, rate } = said;
          expect(share === null || (share >= 0 && share <= 1)).toBe(true);
          expect(remaining).toBeLessThanOrEqual(Math.min(memory, total));
          expect(rate === null || (Number.isFinite(rate) && rate >= 0)).toBe(true);
        }
      }
    )
  );
});

test.each(['', 'Job type: None', 'operation : 2\ntime_elapsed : 523\n', 'memory_total : lots\n'])(
  'of “%s” it tells nothing',
  (text) => {
    expect(job().read(text, 0)).toBeNull();
  }
);
