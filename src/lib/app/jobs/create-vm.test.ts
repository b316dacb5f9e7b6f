import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import { mib, vcpus } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { createProblems, createVm, freeMemory, type CreateVm } from './create-vm.ts';

const HOST = aHost('n1', [aVm(1, { name: 'taken' })]);
const GOOD: CreateVm = {
  name: 'shop',
  description: '',
  image: 'tiny',
  vcpus: vcpus(1),
  vcpusMax: vcpus(2),
  memory: mib(256),
  memoryMax: mib(512),
  disks: [{ pool: 'default', capacity: mib(512) }],
  nics: [{ network: 'lan' }],
  start: true,
  tags: [],
  protected: false,
  autostart: false,
  userData: '',
  sshKeys: []
};
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFX2irPjBO+QZAY9zVe5fekBQV62yG2XmUzn7llDMHx7 me';
const problemsOf = (change: Partial<CreateVm>): string[] => {
  const { disks, ...fields } = createProblems(en, HOST, { ...GOOD, ...change });
  return [...Object.keys(fields), ...disks.flatMap((problem, at) => (problem === null ? [] : [`disk ${at}`]))];
};

test('a VM that fits has no problem and becomes its command', () => {
  expect(problemsOf({})).toEqual([]);
  expect(createVm.command({ host: HOST }, GOOD)).toEqual({
    op: 'vm.create',
    args: { ...GOOD, autostart: null, description: null, tags: null, userData: null }
  });
  expect(createVm.command({ host: HOST }, { ...GOOD, autostart: true }).args).toMatchObject({ autostart: true });
  const more = { ...GOOD, tags: ['b', 'a', 'b'], userData: '#!/bin/sh\n', sshKeys: [KEY] };
  expect(createVm.command({ host: HOST }, more).args).toMatchObject({
    tags: ['a', 'b'],
    userData: '#!/bin/sh\n',
    sshKeys: [{ key: KEY }]
  });
  expect(createVm.title({ host: HOST }, GOOD)(en)).toBe('Create shop on n1 and start it');
});

test.each<[string, Partial<CreateVm>, string[]]>([
  ['no name', { name: '' }, ['name']],
  ['a name that is taken', { name: 'taken' }, ['name']],
  ['a name with a direction mark', { name: 'a\u202eb' }, ['name']],
  ['a tag that is none', { tags: ['ok', 'a,b'] }, ['tags']],
  ['user-data that begins as nothing known', { userData: 'packages: []' }, ['userData']],
  ['a private key', { sshKeys: [KEY, '-----BEGIN OPENSSH PRIVATE KEY-----'] }, ['sshKeys']],
  ['more keys than are taken', { sshKeys: Array.from({ length: 17 }, () => KEY) }, ['sshKeys']],
  ['300 letters', { name: 'x'.repeat(300) }, ['name']],
  ['an image the host does not offer', { image: 'windows' }, ['image']],
  ['more vCPUs than the host has', { vcpus: vcpus(9), vcpusMax: vcpus(9) }, ['vcpus']],
  ['less at most than now', { vcpusMax: vcpus(1), vcpus: vcpus(2), memoryMax: mib(128) }, ['vcpusMax', 'memoryMax']],
  ['more memory than is free', { memory: mib(7000), memoryMax: mib(7000) }, ['memory']],
  ['a disk larger than the pool', { disks: [{ pool: 'default', capacity: mib(2048) }] }, ['disk 0']],
  ['a pool that is not there', { disks: [{ pool: '../etc', capacity: mib(1) }] }, ['disk 0']]
])('%s is said before anything is sent', (_, change, fields) => {
  expect(problemsOf(change)).toEqual(fields);
  expect(createVm.validate(en, { host: HOST }, { ...GOOD, ...change })).not.toBeNull();
});

test('two disks must fit their pool together', () => {
  const disk = { pool: 'default', capacity: mib(600) };
  expect(problemsOf({ disks: [disk] })).toEqual([]);
  expect(problemsOf({ disks: [disk, disk] })).toEqual(['disk 1']);
});

test('a VM that is not started may be larger than what is free now', () => {
  expect(problemsOf({ memory: mib(7000), memoryMax: mib(7000), start: false })).toEqual([]);
});

test('free memory is what the host does not use, or without that figure what no running VM was given', () => {
  expect(freeMemory(HOST)).toBe(8192 - 2048);
  expect(freeMemory({ ...HOST, load: null })).toBe(8192 - 256);
  expect(freeMemory({ ...HOST, facts: null })).toBeNull();
});

test('an image for Xen is for hosts of Xen', () => {
  const images = [{ name: 'tiny', kind: 'kernel', title: 'Tiny', size: null, xen: 'pvh' }] as const;
  const on = (hypervisor: 'xen' | 'qemu') =>
    createProblems(en, { ...HOST, images, facts: HOST.facts && { ...HOST.facts, hypervisor } }, GOOD).image;
  expect(on('xen')).toBeUndefined();
  expect(on('qemu')).toBe('It needs Xen (PVH guest); n1 has QEMU.');
});
