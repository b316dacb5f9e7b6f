import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import { zh } from '#lib/messages/zh.ts';
import type { CommandId } from '#lib/model/ids.ts';
import { bytes, mib, vcpus } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { A_DISK, aVm } from '../../../../tests/support/fake-host.ts';
import { attachDisk } from './attach-disk.ts';
import { cancelCommand } from './cancel-command.ts';
import { cloneVm } from './clone-vm.ts';
import { deleteVm } from './delete-vm.ts';
import { deleteVolume } from './delete-volume.ts';
import { detachDisk } from './detach-disk.ts';
import { growDisk } from './grow-disk.ts';
import { power } from './power.ts';
import { renameVm } from './rename-vm.ts';
import { setNotes } from './set-notes.ts';
import { setCpuShare } from './set-cpu-share.ts';
import { setProtected } from './set-protected.ts';
import { setTags } from './set-tags.ts';
import { setVcpuAffinity } from './set-vcpu-affinity.ts';
import { setVcpus } from './set-vcpus.ts';

const VM = aVm(1, { disks: [A_DISK] });
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

test('the start of a VM that is saved is called what its button says', () => {
  const title = power('start').title({ host: HOST, vm: { ...VM, state: 'saved' } }, null);
  expect([title(en), title(zh)]).toEqual(['Restore vm1', '还原 vm1']);
  expect(power('start').title({ host: HOST, vm: { ...VM, state: 'off' } }, null)(en)).toBe('Start vm1');
  expect(zh.tasks.activity('Restore vm1', 'vm.start', 'vm1')).toBe('还原 vm1');
  expect(zh.tasks.activity('Start Restore 1', 'vm.start', 'Restore 1')).toBe('启动 Restore 1');
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

test('what is protected is not deleted, nor any of its volumes', () => {
  const shut = { host: HOST, vm: { ...VM, state: 'off' as const, protected: true } };
  expect(deleteVm.validate(en, shut, { deleteDisks: false })).toMatch(/protected/);
  expect(detachDisk.validate(en, shut, { target: 'vda', deleteVolume: true })).toMatch(/protected/);
  expect(detachDisk.validate(en, shut, { target: 'vda', deleteVolume: false })).toBeNull();
  expect(setProtected.command(shut, { protected: false }).args).toEqual({ vm: VM.id, protected: false });
});

test('tags are sent in their one form, and only tags', () => {
  expect(setTags.command(target, { tags: ['b', 'a', 'b'] }).args.tags).toEqual(['a', 'b']);
  expect(setTags.validate(en, target, { tags: ['a,b'] })).toMatch(/“a,b” is no tag/);
  expect(setTags.validate(en, target, { tags: Array.from({ length: 33 }, (_, n) => `t${n}`) })).toMatch(/At most 32/);
  expect(setTags.validate(en, target, { tags: Array.from({ length: 33 }, () => 'same') })).toBeNull();
  expect(setTags.title(target, { tags: [] })(en)).toMatch(/all tags/);
});

test('notes are written on what was read, so that nobody’s words are lost', () => {
  expect(setNotes.command(target, { notes: 'x', read: VM.revision })).toMatchObject({ expect: VM.revision });
  expect(setNotes.validate(en, target, { notes: 'x'.repeat(16_385), read: VM.revision })).not.toBeNull();
});

test('a VM is cloned while it is off, under a free name, where its disks fit once more', () => {
  const off = { host: HOST, vm: { ...VM, state: 'off' as const } };
  expect(cloneVm.validate(en, target, { name: 'copy' })).toMatch(/shut it down/);
  expect(cloneVm.validate(en, off, { name: 'taken' })).toMatch(/taken/);
  expect(cloneVm.validate(en, off, { name: 'copy' })).toBeNull();
  const large = { ...off.vm, disks: [{ ...A_DISK, capacity: bytes(2 ** 31) }] };
  expect(cloneVm.validate(en, { ...off, vm: large }, { name: 'copy' })).toMatch(/free/);
});

test('a command is cancelled by the title it has, in the language of the moment', () => {
  const input = {
    command: '00000000-0000-4000-8000-000000000000' as CommandId,
    title: power('shutdown').title(target, null)
  };
  expect(cancelCommand.title({ host: HOST }, input)(en)).toBe('Cancel “Shut down vm1”');
  expect(cancelCommand.title({ host: HOST }, input)(zh)).toBe('取消“关闭 vm1”');
});

test('a CPU share is a weight of the scheduler’s range, and a cap that its vCPUs could use', () => {
  const share = (weight: number, cap: number | null) => setCpuShare.validate(en, target, { weight, cap, when: 'now' });
  expect(share(256, null)).toBeNull();
  expect(share(65_535, 400)).toBeNull();
  expect(share(0, null)).toMatch(/1 to 65535/);
  expect(share(256, 0)).toMatch(/1 to 400/);
  expect(share(256, 401)).toMatch(/each of the 4 vCPUs/);
  const input = { weight: 512, cap: null, when: 'next-boot' } as const;
  expect(setCpuShare.command(target, input).args).toEqual({ vm: VM.id, ...input });
  expect(setCpuShare.title(target, input)(en)).toMatch(/weight 512, no cap at next boot/);
  expect(setCpuShare.title(target, { ...input, cap: 50 })(zh)).toMatch(/权重 512，上限 50/);
});

test('a VM is pinned to CPUs its host has, however the list is typed', () => {
  const pin = (cpus: string) => setVcpuAffinity.validate(en, target, { cpus, when: 'now' });
  expect(pin('')).toBeNull();
  expect(pin(' 0 - 3, 7 ')).toBeNull();
  expect(pin('3-1')).toMatch(/0-3,8/);
  expect(pin('8')).toMatch(/has CPUs 0 to 7/);
  expect(setVcpuAffinity.command(target, { cpus: '3, 1-2,2', when: 'now' }).args.cpus).toBe('1-3');
  expect(setVcpuAffinity.title(target, { cpus: '', when: 'now' })(en)).toBe('Let vm1 run on any CPU');
});
