import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import type { Host, HostFacts, Nic, Vm } from '#lib/model/fleet.ts';
import { bytes, mib } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { A_DISK, aVm } from '../../../../tests/support/fake-host.ts';
import { arriveProblem, arriveProblems, leaveProblem, maybeShared, prepareMove } from './prepare-move.ts';

const nic = (network: string): Nic => ({
  mac: '52:54:00:00:00:01',
  model: 'virtio',
  network,
  linkUp: true,
  seen: null,
  addresses: [],
  pending: null
});
const VM = aVm(1, { state: 'running', disks: [A_DISK], nics: [nic('lan')] });
const volume = { name: 'root', capacity: bytes(1), allocation: null, format: 'qcow2', usedBy: VM.id };
const FROM = aHost('n1', [VM], {
  pools: [{ name: 'default', capacity: bytes(2 ** 32), free: bytes(0), volumes: [volume] }]
});
const arrives = (more: Partial<Host>, vm: Vm = VM): string | null =>
  arriveProblem(en, aHost('n2', [], more), { vm, from: FROM });
const like = (more: Partial<HostFacts>): Partial<Host> => {
  const { facts } = aHost('n2');
  return { facts: facts && { ...facts, ...more } };
};

test('a running VM with its disks in pools can go to a host like its own', () => {
  expect(leaveProblem(en, { vm: VM, from: FROM })).toBeNull();
  expect(arrives({})).toBeNull();
});

test('one that is off can go too, and needs no memory there', () => {
  const off = aVm(1, { ...VM, state: 'off' });
  expect(leaveProblem(en, { vm: off, from: FROM })).toBeNull();
  expect(arrives(like({ memory: mib(64) }), off)).toBeNull();
});

test.each<[RegExp, Partial<Vm>]>([
  [/it can be moved while it runs, is paused or off/, { state: 'stopping' }],
  [
    /vda lies in no storage pool.*vdb/,
    { disks: [A_DISK, { ...A_DISK, target: 'vdb' }].map((disk) => ({ ...disk, volume: null })) }
  ]
])('it cannot leave: %s', (why, more) => {
  expect(leaveProblem(en, { vm: { ...VM, ...more }, from: FROM })).toMatch(why);
});

test('a host that moves no VMs says why before anything is asked of it, on either side', () => {
  const capability = {
    name: 'migrate',
    live: false,
    means: 'live migration',
    reason: 'it has no directory for them'
  } as const;
  const never = like({ capabilities: [capability] });
  const why = /^n\d moves no VMs: it has no directory for them$/;
  expect(leaveProblem(en, { vm: VM, from: { ...FROM, ...never } })).toMatch(why);
  expect(arrives(never)).toMatch(why);
});

test('whatever keeps it from a host is said at once', () => {
  const more = { ...like({ accelerator: 'kvm', memory: mib(64) }), networks: [], pools: [] };
  expect(arriveProblems(en, aHost('n2', [], more), { vm: VM, from: FROM })).toEqual([
    expect.stringMatching(/by kvm/),
    expect.stringMatching(/no network lan/),
    expect.stringMatching(/memory free/),
    expect.stringMatching(/no pool default/)
  ]);
});

test('of what is read-only the small goes along, and the large does where it is there already', () => {
  const disks = [{ ...A_DISK, readOnly: true, capacity: bytes(2 ** 20) }];
  expect(arrives({}, { ...VM, disks })).toBeNull();
  const large = { ...VM, disks: [{ ...A_DISK, readOnly: true, capacity: bytes(2 ** 29) }] };
  expect(arrives({}, large)).toMatch(/vda is read-only and larger/);
  const pools = [{ name: 'default', capacity: bytes(2 ** 32), free: bytes(0), volumes: [volume] }];
  expect(arrives({ pools }, large)).toBeNull();
  expect(maybeShared(aHost('n2', [], { pools }), large)).toEqual(['vda']);
});

test.each<[RegExp, Partial<Host>]>([
  [/no link/, { link: 'offline' }],
  [/hypervisor is Xen, not QEMU/, like({ hypervisor: 'xen' })],
  [/by kvm/, like({ accelerator: 'kvm' })],
  [/name is taken/, { vms: new Map([[aVm(2).id, aVm(2, { name: VM.name })]]) }],
  [/no network lan/, { networks: [] }],
  [/no pool default/, { pools: [] }],
  [/free/, { pools: [{ name: 'default', capacity: bytes(2 ** 32), free: bytes(1), volumes: [] }] }],
  [/memory free/, like({ memory: mib(2049) })]
])('a host cannot have it: %s', (why, more) => {
  expect(arrives(more)).toMatch(why);
});

test('it cannot go where it is, and a guest that sees the processor needs one of the same model', () => {
  expect(arriveProblem(en, FROM, { vm: VM, from: FROM })).toMatch(/on this host already/);
  const { facts } = FROM;
  const kvm = { ...FROM, facts: facts && { ...facts, accelerator: 'kvm' as const } };
  const other = aHost('n2', [], like({ accelerator: 'kvm', cpuModel: 'Another' }));
  expect(arriveProblem(en, other, { vm: VM, from: kvm })).toMatch(/processor is another: Another/);
});

test('the target is told what it has to make, formats included', () => {
  const { args } = prepareMove.command({ host: aHost('n2') }, { vm: VM, from: FROM });
  expect(args).toMatchObject({
    vm: VM.id,
    hypervisor: 'qemu',
    accelerator: 'emulated',
    disks: [{ target: 'vda', pool: 'default', volume: 'root', capacity: A_DISK.capacity, format: 'qcow2' }],
    nics: [{ network: 'lan' }]
  });
});

test.each<[RegExp | null, Partial<Vm>]>([
  [null, { kind: 'pvh', disks: [] }],
  [/only PVH guests move, and it is a PV one/, { kind: 'pv', disks: [] }],
  [/an HVM one.*copies no disks/s, { kind: 'hvm' }],
  [/only while it runs/, { kind: 'pvh', disks: [], state: 'off' }],
  [/only while it runs.*copies no disks/s, { kind: 'pvh', state: 'paused' }]
])('a guest of Xen leaves its host, or not: %s', (why, more) => {
  const from = { ...FROM, ...like({ hypervisor: 'xen', accelerator: 'xen' }), id: FROM.id };
  const problem = leaveProblem(en, { vm: { ...VM, ...more }, from });
  if (why === null) expect(problem).toBeNull();
  else expect(problem).toMatch(why);
});

test('a guest of Xen stays on Xen, and is told by what it is', () => {
  const xen = { ...FROM, ...like({ hypervisor: 'xen', accelerator: 'xen' }), id: FROM.id };
  const pv = aVm(1, { ...VM, kind: 'pv' });
  const to = aHost('n2', [], like({ hypervisor: 'qemu', accelerator: 'kvm' }));
  expect(arriveProblem(en, to, { vm: pv, from: xen })).toBe('Its hypervisor is QEMU, not Xen PV.');
});
