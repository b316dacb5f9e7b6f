import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import type { Disk } from '#lib/model/fleet.ts';
import { bytes, mib, vcpus } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { attachDisk } from './attach-disk.ts';
import { deleteVm } from './delete-vm.ts';
import { deleteVolume } from './delete-volume.ts';
import { detachDisk } from './detach-disk.ts';
import { growDisk } from './grow-disk.ts';
import { power } from './power.ts';
import { renameVm } from './rename-vm.ts';
import { setVcpus } from './set-vcpus.ts';

const DISK: Disk = {
  target: 'vda',
  bus: 'virtio',
  device: 'disk',
  pool: 'default',
  volume: 'root',
  capacity: bytes(512 * 2 ** 20),
  readOnly: false,
  seen: null,
  pending: null
};
const VM = aVm(1, { disks: [DISK] });
const volume = { capacity: bytes(1), allocation: null, format: 'raw' };
const HOST = aHost('n1', [VM, aVm(2, { name: 'taken' })], {
  pools: [
    {
      name: 'default',
      capacity: bytes(2 ** 31),
      free: bytes(2 ** 30),
      volumes: [
        { ...volume, name: 'root', usedBy: VM.id },
        { ...volume, name: 'spare', usedBy: null }
      ]
    }
  ]
});
const target = { host: HOST, vm: VM };

test('power is offered by state', () => {
  expect(power('pause').validate(en, target, null)).toBeNull();
  expect(power('start').validate(en, target, null)).toMatch(/is running/);
  expect(power('power-off').validate(en, { host: HOST, vm: { ...VM, state: 'unknown' } }, null)).toBeNull();
});

test('what destroys names the revision it was decided on', () => {
  expect(deleteVm.command(target, { deleteDisks: true }).expect).toBe(VM.revision);
  expect(detachDisk.command(target, { target: 'vda', deleteVolume: true }).expect).toBe(VM.revision);
});

test('a running VM is not deleted', () => {
  expect(deleteVm.validate(en, target, { deleteDisks: false })).toMatch(/shut it down/);
  expect(deleteVm.validate(en, { host: HOST, vm: { ...VM, state: 'off' } }, { deleteDisks: false })).toBeNull();
});

test('a disk only grows, and only into free space', () => {
  const grow = (mibs: number) => growDisk.validate(en, target, { target: 'vda', capacity: mib(mibs) });
  expect(grow(512)).toMatch(/only grow/);
  expect(grow(1024)).toBeNull();
  expect(grow(512 + 1025)).toMatch(/free/);
  expect(growDisk.validate(en, target, { target: 'vdz', capacity: mib(1) })).toMatch(/no disk vdz/);
});

test('only a volume no VM uses is attached or deleted', () => {
  const attach = (name: string) => attachDisk.validate(en, target, { pool: 'default', volume: name, capacity: null });
  expect([attach('spare'), attach('root'), attach('../x')].map((problem) => problem === null)).toEqual([
    true,
    false,
    false
  ]);
  const remove = (name: string) => deleteVolume.validate(en, { host: HOST }, { pool: 'default', volume: name });
  expect([remove('spare'), remove('root'), remove('gone')].map((problem) => problem === null)).toEqual([
    true,
    false,
    false
  ]);
});

test('a name must be new on its host', () => {
  expect(renameVm.validate(en, target, { name: 'taken' })).toMatch(/taken/);
  expect(renameVm.validate(en, target, { name: VM.name })).toMatch(/already/);
  expect(renameVm.validate(en, target, { name: '<b>x</b>' })).toBeNull();
});

test('vCPUs stay within what the VM was made for', () => {
  const ask = (n: number) => setVcpus.validate(en, target, { vcpus: vcpus(n), when: 'now' });
  expect([ask(0), ask(1), ask(4), ask(5)].map((problem) => problem === null)).toEqual([false, true, true, false]);
});
