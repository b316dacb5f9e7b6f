// What can be done to a running VM and by what means, per kind of virtualization (the domain's own `type`): the one place
// where kinds differ. Everything else asks this table. Facts: measured, see docs/decisions and the conformance suite.
import type { Accelerator, Capability, VmKind } from '../../../src/lib/model/fleet.ts';
import type { Unmoved } from '../migration.ts';
import { LOST_WRITES } from './lost-writes.ts';
import { XEN_MOVES } from './unmoved.ts';

export type Means = {
  readonly accelerator: Accelerator;
  /** `unplug`: taken from the guest for good; `guest-offline`: the guest agent takes them offline, the hypervisor keeps them. */
  readonly vcpuRemove: 'unplug' | 'guest-offline';
  /** A guest with fewer vCPUs cannot be given more while it runs. */
  readonly vcpuAddFrom: number;
  /** Whether vCPUs a guest was started with can be unplugged only if the configuration says so for each. */
  readonly vcpuPerCpu: boolean;
  /** How the next boot gets another number: libvirt’s Xen driver takes none above the host’s CPUs by `setvcpus`. */
  readonly vcpuConfigure: 'setvcpus' | 'define';
  /** Who tells how many vCPUs a guest has brought online, and whether it has noticed its devices. */
  readonly witness: 'guest-agent' | 'hypervisor';
  readonly blockResize: boolean;
  readonly disks: DiskMeans;
  /** Whether libvirt can give a VM that is off another name; else the operator’s name is its title (names.ts). */
  readonly rename: 'domrename' | 'title';
  /** How a running guest is asked to stop: options of `shutdown`; and what tells that it has been started anew. */
  readonly shutdown: readonly string[];
  readonly rebootTold: 'event' | 'run';
  /** Options of `undefine` beyond the name. */
  readonly undefine: readonly string[];
  readonly capabilities: readonly Capability[];
};

export type DiskMeans = {
  /** What guests of this kind call their disks. */
  readonly letters: 'vd' | 'xvd';
  readonly bus: 'virtio' | 'xen';
  /** Format of the volumes that are made for them. */
  readonly format: 'qcow2' | 'raw';
};

const can = (name: Capability['name'], means: string, reason: string | null = null): Capability => ({
  name,
  live: true,
  means,
  reason
});
const cannot = (name: Capability['name'], means: string, reason: string): Capability => ({
  name,
  live: false,
  means,
  reason
});

const RENAME = cannot('rename-running', 'domrename', 'libvirt renames only VMs that are off');
const MOVED = 'live migration by QEMU, through the agents';
const SOCKETS = 'hosts with “sockets” in agent.json';
const UNDEFINE_QEMU = ['--managed-save', '--snapshots-metadata', '--checkpoints-metadata', '--nvram'];

const ON_QEMU: readonly Capability[] = [
  can('memory-add', 'virtio-mem, below its memory at boot the balloon'),
  can('memory-remove', 'virtio-mem, below its memory at boot the balloon'),
  can('disk-attach', 'PCIe hotplug'),
  can('disk-detach', 'PCIe hotplug'),
  can('disk-grow', 'block resize'),
  can('nic-attach', 'PCIe hotplug'),
  can('nic-detach', 'PCIe hotplug'),
  can('pause', 'QEMU stop'),
  can('reboot', 'ACPI'),
  can('save', 'managed save', 'a VM with a device of its host cannot be saved'),
  // Whether this host has them: processors.ts.
  can(
    'cpu-share',
    'cgroups',
    'only where libvirt is the system’s daemon, on a host with cgroups for CPUs, with the agent on it'
  ),
  can('vcpu-affinity', 'scheduler affinity'),
  RENAME
];

export const EMULATED_REMOVE =
  'this host emulates CPUs: a running guest can take vCPUs offline but not give them back; applies at next boot';
export const EMULATED_ADD =
  'this host emulates CPUs: a running guest can be given vCPUs only if it was started with at least 2; applies at next boot';

const KVM: Means = {
  accelerator: 'kvm',
  vcpuRemove: 'unplug',
  vcpuAddFrom: 1,
  vcpuPerCpu: true,
  vcpuConfigure: 'setvcpus',
  witness: 'guest-agent',
  blockResize: true,
  disks: { letters: 'vd', bus: 'virtio', format: 'qcow2' },
  rename: 'domrename',
  shutdown: [],
  rebootTold: 'event',
  undefine: UNDEFINE_QEMU,
  capabilities: [
    can('vcpu-add', 'ACPI hot-add'),
    can('vcpu-remove', 'ACPI hot-unplug'),
    ...ON_QEMU,
    can('migrate', MOVED, `${SOCKETS}, and with processors of one model`)
  ]
};

// Under software emulation unplugging a vCPU corrupts or aborts QEMU 7.2, and adding one to a guest that has one hangs it.
const EMULATED: Means = {
  ...KVM,
  accelerator: 'emulated',
  vcpuRemove: 'guest-offline',
  vcpuAddFrom: 2,
  vcpuPerCpu: false,
  capabilities: [
    can('vcpu-add', 'ACPI hot-add', EMULATED_ADD),
    can('vcpu-remove', 'guest agent, offline only', EMULATED_REMOVE),
    ...ON_QEMU,
    can('migrate', MOVED, LOST_WRITES)
  ]
};

export const XEN_GROW = 'libvirt’s Xen driver cannot tell a running guest; grow it while the VM is off';
export const XEN_CPUS = 'not above the number of CPUs of the host';
const XEN_MEMORY = 'up to the memory maximum it was started with';
const XEN_MIGRATE =
  'without disks, to hosts of one processor model and of the same Xen or a newer one, both agents root in domain 0; on an emulated processor it stands still on its way';
const XEN_DETACH = 'the guest loses it at once, mounted or not: it has to be unmounted in the guest before';

const XEN: Means = {
  accelerator: 'xen',
  vcpuRemove: 'unplug',
  vcpuAddFrom: 1,
  vcpuPerCpu: false,
  vcpuConfigure: 'define',
  witness: 'hypervisor',
  blockResize: false,
  // Only raw ones are served by dom0’s kernel; any other takes a QEMU for each VM, which may not be installed.
  disks: { letters: 'xvd', bus: 'xen', format: 'raw' },
  rename: 'title',
  shutdown: [],
  rebootTold: 'run',
  undefine: ['--managed-save'],
  capabilities: [
    can('vcpu-add', 'Xen vCPU hotplug', XEN_CPUS),
    can('vcpu-remove', 'Xen vCPU hotplug'),
    can('memory-add', 'balloon', XEN_MEMORY),
    can('memory-remove', 'balloon'),
    can('disk-attach', 'Xen block device'),
    can('disk-detach', 'Xen block device', XEN_DETACH),
    cannot('disk-grow', 'block resize', XEN_GROW),
    can('nic-attach', 'Xen network device'),
    can('nic-detach', 'Xen network device'),
    can('pause', 'Xen pause'),
    can('reboot', 'Xen control'),
    can(
      'save',
      'managed save',
      'its guest has to take part; it cannot be cancelled, and how far it is Xen does not say'
    ),
    can('migrate', 'migration by libvirt and Xen, through the agents', XEN_MIGRATE),
    can('cpu-share', 'credit scheduler', 'Xen forgets a cap at each start of the VM; the agent gives it again'),
    can('vcpu-affinity', 'Xen vCPU affinity'),
    RENAME
  ]
};

const thatStays = (means: Means, { reason, instead }: Unmoved): Means => ({
  ...means,
  capabilities: means.capabilities.map((each) =>
    each.name === 'migrate' ? cannot('migrate', each.means, `${reason}; ${instead}`) : each
  )
});
const XEN_PV = thatStays(XEN, XEN_MOVES.pv);
// One without Xen’s drivers hears only the power button.
const XEN_HVM: Means = { ...thatStays(XEN, XEN_MOVES.hvm), shutdown: ['--mode', 'paravirt,acpi'] };
const XEN_KINDS: Readonly<Record<VmKind, Means>> = { pv: XEN_PV, pvh: XEN, hvm: XEN_HVM };

/**
 * The means for a domain of this libvirt `type`, and of this kind where a Xen host has it. An unknown type gets the most
 * careful ones.
 */
export function meansOf(domainType: string, kind: VmKind = 'pvh'): Means {
  if (domainType === 'kvm') return KVM;
  return domainType === 'xen' ? XEN_KINDS[kind] : EMULATED;
}

/** The means for a VM as it runs, or as its next boot will be. */
export const meansFor = (of: {
  readonly live: { readonly type: string; readonly kind: VmKind } | null;
  readonly inactive: { readonly type: string; readonly kind: VmKind } | null;
}): Means => {
  const now = of.live ?? of.inactive;
  return now === null ? EMULATED : meansOf(now.type, now.kind);
};

/** The libvirt domain type of new VMs on a host with this accelerator. */
export const domainTypeOf = (accelerator: Accelerator): string =>
  accelerator === 'emulated' || accelerator === 'simulated' ? 'qemu' : accelerator;
