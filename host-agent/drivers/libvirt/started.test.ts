import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { vmId } from '../../../src/lib/model/ids.ts';
import { startTimes } from './started.ts';

const ID = vmId('5f6f3a52-1d4c-4c8e-9d1b-0a1b2c3d4e5f');
/** Ms: two hundredths of a second, cut off. */
const PRECISE = 20;

/** A process that says it is QEMU with this VM, and between which instants it began. */
async function qemu() {
  const after = Date.now();
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()', '--', '-uuid', ID]);
  await once(child, 'spawn');
  const before = Date.now();
  onTestFinished(async () => {
    child.kill();
    await once(child, 'exit');
  });
  return { pid: child.pid ?? 0, after: after - PRECISE, before: before + PRECISE };
}

async function socketWith(place: string, pid: number): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'smps-started-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await mkdir(join(dir, place), { recursive: true });
  await writeFile(join(dir, place, 'mover.pid'), `${pid}\n`);
  return join(dir, 'libvirt-sock');
}

test('QEMU is found among all processes, and its start to hundredths of a second', async () => {
  const { after, before } = await qemu();
  const found = await startTimes([{ id: ID, name: 'mover' }], null);
  expect(found.get(ID)).toBeGreaterThanOrEqual(after);
  expect(found.get(ID)).toBeLessThanOrEqual(before);
});

test.each(['qemu', 'qemu/run'])('of two that have one VM while it moves, the daemon’s own (%s)', async (place) => {
  const first = await qemu();
  let second = await qemu();
  // So much later that the two cannot be taken for one another.
  while (second.after <= first.before) second = await qemu();
  for (const { pid, after, before } of [first, second]) {
    const found = await startTimes([{ id: ID, name: 'mover' }], await socketWith(place, pid));
    expect(found.get(ID)).toBeGreaterThanOrEqual(after);
    expect(found.get(ID)).toBeLessThanOrEqual(before);
  }
});

test('a PID file of a process that is another now says nothing', async () => {
  const { after } = await qemu();
  const found = await startTimes([{ id: ID, name: 'mover' }], await socketWith('qemu', process.pid));
  expect(found.get(ID)).toBeGreaterThanOrEqual(after);
});
