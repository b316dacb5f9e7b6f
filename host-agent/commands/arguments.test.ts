import { expect, test } from 'vitest';
import { hostId, vmId, commandId } from '../../src/lib/model/ids.ts';
import type { HostFacts, Vm } from '../../src/lib/model/fleet.ts';
import { bytes, mib, millis, vcpus } from '../../src/lib/model/units.ts';
import type { Args, Command, Op } from '../../src/lib/protocol/schema.ts';
import { checkArguments, normalise } from './arguments.ts';

const ID = '11111111-2222-4333-8444-555555555555';
const command = <O extends Op>(op: O, args: Args<O>): Command =>
  ({
    id: commandId(ID),
    op,
    host: hostId('n1'),
    notAfter: millis(1),
    expect: null,
    note: null,
    args
  }) as unknown as Command;

const MIB = 1024 * 1024;
const VM = {
  id: vmId(ID),
  name: 'web-1',
  vcpusMax: 4,
  memoryMax: 512,
  disks: [{ target: 'vda', capacity: bytes(64 * MIB) }],
  nics: [{ mac: '52:54:00:00:00:01' }]
} as unknown as Vm;
const FACTS = { cpus: 2, memory: 4096 } as HostFacts;
const check = (it: Command): string | null => checkArguments(it, VM, FACTS)?.code ?? null;

const NEW = {
  name: 'web-2',
  description: null,
  image: 'tiny-linux',
  vcpus: vcpus(1),
  vcpusMax: vcpus(2),
  memory: mib(128),
  memoryMax: mib(256),
  start: true,
  disks: [],
  nics: [],
  tags: null,
  protected: false,
  autostart: false,
  userData: null,
  sshKeys: []
} as const;
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMa2kZPR0rmV7B+0KwPfwSyaX6dkmiMV9MmDoc5mYSJ1 me@here';
const disks = (count: number, capacity: number) =>
  Array.from({ length: count }, () => ({ pool: 'default', capacity: mib(capacity) }));

const way = { url: 'https://h', pin: 'sha256:x', token: 't', bandwidth: null, autoConverge: false, downtime: null };

test.each([
  [command('vm.migrate', { vm: VM.id, to: hostId('n2'), ...way }), null],
  [command('vm.migrate', { vm: VM.id, to: hostId('n1'), ...way }), 'bad-argument'],
  [command('vm.set-vcpus', { vm: VM.id, vcpus: vcpus(4), when: 'now' }), null],
  [command('vm.set-vcpus', { vm: VM.id, vcpus: vcpus(5), when: 'now' }), 'bad-argument'],
  [command('vm.set-vcpus', { vm: VM.id, vcpus: vcpus(5), when: 'next-boot' }), 'bad-argument'],
  [command('vm.set-memory', { vm: VM.id, memory: mib(512), when: 'now' }), null],
  [command('vm.set-memory', { vm: VM.id, memory: mib(513), when: 'now' }), 'bad-argument'],
  [command('vm.attach-disk', { vm: VM.id, pool: 'default', volume: 'a', capacity: null }), null],
  [command('vm.attach-disk', { vm: VM.id, pool: 'default', volume: null, capacity: mib(1) }), null],
  [command('vm.attach-disk', { vm: VM.id, pool: 'default', volume: null, capacity: null }), 'bad-argument'],
  [command('vm.attach-disk', { vm: VM.id, pool: 'default', volume: 'a', capacity: mib(1) }), 'bad-argument'],
  [command('vm.attach-disk', { vm: VM.id, pool: 'default', volume: null, capacity: mib(0) }), 'bad-argument'],
  [command('vm.grow-disk', { vm: VM.id, target: 'vda', capacity: mib(65) }), null],
  [command('vm.grow-disk', { vm: VM.id, target: 'vda', capacity: mib(64) }), 'bad-argument'],
  [command('vm.grow-disk', { vm: VM.id, target: 'vdb', capacity: mib(65) }), 'not-found'],
  [command('vm.detach-disk', { vm: VM.id, target: 'vda', deleteVolume: true }), null],
  [command('vm.detach-disk', { vm: VM.id, target: 'vdb', deleteVolume: true }), 'not-found'],
  [command('vm.detach-nic', { vm: VM.id, mac: '52:54:00:00:00:01' }), null],
  [command('vm.detach-nic', { vm: VM.id, mac: '52:54:00:00:00:02' }), 'not-found'],
  [command('vm.create', NEW), null],
  [command('vm.create', { ...NEW, vcpus: vcpus(3) }), 'bad-argument'],
  [command('vm.create', { ...NEW, vcpusMax: vcpus(33) }), 'bad-argument'],
  [command('vm.create', { ...NEW, memory: mib(300) }), 'bad-argument'],
  [command('vm.create', { ...NEW, memoryMax: mib(4097) }), 'bad-argument'],
  [command('vm.create', { ...NEW, disks: disks(16, 1) }), null],
  [command('vm.create', { ...NEW, disks: disks(17, 1) }), 'bad-argument'],
  [command('vm.create', { ...NEW, disks: disks(1, 0) }), 'bad-argument'],
  [command('vm.rename', { vm: VM.id, name: '<script>alert(1)</script>' }), null],
  [command('vm.create', { ...NEW, userData: 'x'.repeat(16 * 1024) }), null],
  [command('vm.create', { ...NEW, userData: 'é'.repeat(9 * 1024) }), 'too-large'],
  [command('vm.create', { ...NEW, sshKeys: [{ key: KEY }] }), null],
  [command('vm.create', { ...NEW, sshKeys: [{ key: KEY.replace('ssh-ed25519', 'ssh-rsa') }] }), 'bad-argument'],
  [command('vm.create', { ...NEW, sshKeys: Array.from({ length: 17 }, () => ({ key: KEY })) }), 'bad-argument']
])('%j is answered with %j', (it, code) => {
  expect(check(it)).toBe(code);
});

test('a creation is judged without the host’s size while nobody knows it', () => {
  expect(checkArguments(command('vm.create', { ...NEW, memoryMax: mib(1_000_000) }), null, null)).toBeNull();
});

test('names are kept in composed form, and what that makes too long is refused', () => {
  const renamed = normalise(command('vm.rename', { vm: VM.id, name: 'Zoe\u0308' }));
  expect(renamed.args).toMatchObject({ name: 'Zo\u00eb' });
  // U+0958 is one code point that composes to two.
  const longer = normalise(command('vm.rename', { vm: VM.id, name: '\u0958'.repeat(128) }));
  expect(check(longer)).toBe('bad-argument');
  expect(normalise(command('host.enroll', { label: 'e\u0301' })).args).toEqual({ label: '\u00e9' });
});
