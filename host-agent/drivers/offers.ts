// What each kind of VM can have done to it, and why not what it cannot: one table of what the drivers themselves go by. Capabilities (of
// running VMs) and refusals are theirs. docs/HYPERVISORS.md is generated from it; no agent loads it.
import { CAPABILITIES } from '../../src/lib/model/fleet.ts';
import type { Capability, CapabilityName } from '../../src/lib/model/fleet.ts';
import { meansOf } from './libvirt/means.ts';
import { XEN_MOVES } from './libvirt/unmoved.ts';
import type { Unmoved } from './migration.ts';
import { capabilitiesOf } from './simulated/config.ts';

/** Kinds of VMs: what they run on, and on Xen how. */
export const VM_SORTS = ['xen-pv', 'xen-pvh', 'xen-hvm', 'kvm', 'emulated', 'simulated'] as const;
export type VmSort = (typeof VM_SORTS)[number];

/** Operations beside the capabilities. */
export const OPERATIONS = [
  'create-kernel',
  'create-disk',
  'create-iso',
  'clone',
  'next-boot',
  'autostart',
  'disk-grow-off',
  'serial',
  'screen',
  'move-off',
  'move-disks',
  'load-cpu',
  'load-memory',
  'load-disks',
  'load-nics',
  'seen',
  'snapshot'
] as const;
export type OperationName = (typeof OPERATIONS)[number];
export type RowName = CapabilityName | OperationName;

export type Offer =
  | {
      readonly works: true;
      /** By what means, in the hypervisor's own words. */
      readonly means: string;
      /** How far only; null: without limits of its own. */
      readonly limit: string | null;
    }
  | {
      readonly works: false;
      readonly reason: string;
      /** What can be done instead; empty: nothing. */
      readonly instead: string;
    };

const by = (means: string, limit: string | null = null): Offer => ({ works: true, means, limit });
const not = (reason: string, instead = ''): Offer => ({ works: false, reason, instead });
const unmoved = ({ reason, instead }: Unmoved): Offer => not(reason, instead);

type Row = Readonly<Record<'xen' | 'qemu' | 'simulated', Offer>> & Partial<Readonly<Record<VmSort, Offer>>>;

const SIMULATED = by('simulated');
const COPIED = by('copied on write from the image', 'qcow2 or raw');
const NO_XEN_SCREEN = not('it has no screen', 'its serial line');
const NOT_OFFERED = 'not offered on any hypervisor so far';
const snapshots = not(NOT_OFFERED, 'clone the VM while it is off');
const NEXT_BOOT = by('the configuration of the next boot', 'up to the VM’s maximum');

const SELDOM =
  'each figure is a question of its own: asked for an eighth of the time at most, so more seldom with many VMs';
const BESIDE_NICS = 'beside it none while one of them was attached to the running VM: libvirt does not say its name';

/** What is the same for all VMs of a driver, and where one kind differs. */
const ROWS: Readonly<Record<OperationName, Row>> = {
  'create-kernel': {
    xen: by('direct kernel boot'),
    'xen-hvm': by('direct kernel boot', 'a bzImage; a vmlinux is for PV and PVH'),
    qemu: by('direct kernel boot'),
    simulated: SIMULATED
  },
  'create-disk': { xen: by('copied from the image', 'raw'), qemu: COPIED, simulated: SIMULATED },
  'create-iso': {
    xen: not('only an emulated machine has a CD drive to boot from', 'use an HVM guest, or a disk image'),
    'xen-hvm': by('CD drive of the emulated machine'),
    qemu: by('CD drive'),
    simulated: SIMULATED
  },
  clone: {
    xen: by('copies of the volumes', 'only while it is off'),
    qemu: by('copies of the volumes', 'only while it is off'),
    simulated: by('simulated', 'only while it is off')
  },
  'next-boot': { xen: NEXT_BOOT, qemu: NEXT_BOOT, simulated: NEXT_BOOT },
  autostart: {
    xen: by('virsh autostart'),
    qemu: by('virsh autostart'),
    simulated: by('simulated', 'kept and told: a simulated host never boots')
  },
  'disk-grow-off': {
    xen: by('the volume is resized'),
    qemu: by('the volume is resized', 'only of disks in a pool'),
    simulated: SIMULATED
  },
  serial: {
    xen: by('Xen’s console'),
    'xen-hvm': by('serial port'),
    qemu: by('serial port'),
    simulated: SIMULATED
  },
  screen: {
    xen: NO_XEN_SCREEN,
    'xen-hvm': by('VNC', 'an agent on the host itself'),
    qemu: by('VNC', 'an agent on the host itself'),
    simulated: SIMULATED
  },
  'move-off': {
    xen: unmoved(XEN_MOVES.off),
    qemu: by('migration of a VM that was started for it alone', 'hosts with “sockets” in agent.json; no saved memory'),
    simulated: SIMULATED
  },
  'move-disks': {
    xen: unmoved(XEN_MOVES.disks),
    qemu: by('copied by QEMU along with the move', 'volumes in pools; read-only ones are sent ahead'),
    simulated: SIMULATED
  },
  'load-cpu': { xen: by('virsh cpu-stats', SELDOM), qemu: by('virsh domstats'), simulated: SIMULATED },
  'load-memory': {
    xen: not('Xen knows what a guest was given, not how much of it is in use'),
    qemu: by('virsh domstats', 'where the guest’s balloon driver tells'),
    simulated: SIMULATED
  },
  'load-disks': { xen: by('virsh domblkstat', SELDOM), qemu: by('virsh domstats'), simulated: SIMULATED },
  'load-nics': {
    xen: by('in dom0 the counters of its interfaces there, beside it virsh domifstat', BESIDE_NICS),
    qemu: by('virsh domstats', 'not of user-mode interfaces'),
    simulated: SIMULATED
  },
  seen: {
    xen: by('vCPUs online, as Xen counts them', 'there is no guest agent: what else the guest has noticed is absent'),
    qemu: by('QEMU guest agent', 'memory by the balloon, where none answers'),
    simulated: SIMULATED
  },
  snapshot: {
    xen: not(
      'libvirt’s Xen driver has none, and they are not offered on other hypervisors so far',
      'clone the VM while it is off'
    ),
    qemu: snapshots,
    simulated: snapshots
  }
};

const HYPERVISOR: Readonly<Record<VmSort, 'xen' | 'qemu' | 'simulated'>> = {
  'xen-pv': 'xen',
  'xen-pvh': 'xen',
  'xen-hvm': 'xen',
  kvm: 'qemu',
  emulated: 'qemu',
  simulated: 'simulated'
};

/** What running VMs of this kind can have done to them, by the driver's own table. */
function capabilitiesOfSort(sort: VmSort): readonly Capability[] {
  switch (sort) {
    case 'simulated':
      return capabilitiesOf({});
    case 'kvm':
      return meansOf('kvm').capabilities;
    case 'emulated':
      return meansOf('qemu').capabilities;
    case 'xen-pv':
      return meansOf('xen', 'pv').capabilities;
    case 'xen-pvh':
      return meansOf('xen', 'pvh').capabilities;
    case 'xen-hvm':
      return meansOf('xen', 'hvm').capabilities;
  }
}

/** Every operation, capabilities first. */
export const ROW_NAMES: readonly RowName[] = [...CAPABILITIES, ...OPERATIONS];

/** Whether a VM of this kind can have this done to it. */
export function offerOf(name: RowName, sort: VmSort): Offer {
  if (!isCapability(name)) return ROWS[name][sort] ?? ROWS[name][HYPERVISOR[sort]];
  const capability = capabilitiesOfSort(sort).find((each) => each.name === name);
  if (capability === undefined) return not('the driver says nothing of it');
  const { live, means, reason } = capability;
  return live ? by(means, reason) : not(reason ?? `not by ${means}`);
}

const isCapability = (name: RowName): name is CapabilityName => CAPABILITIES.some((each) => each === name);
