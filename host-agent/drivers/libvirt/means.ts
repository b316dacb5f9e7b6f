// What can be done to a running VM and by what means, per kind of virtualization (the domain's own `type`): the one place
// where kinds differ. Everything else asks this table. Facts: measured, see docs/decisions and the conformance suite.
import type { Accelerator, Capability } from '../../../src/lib/model/fleet.ts';

export type Means = {
  readonly accelerator: Accelerator;
  /** `unplug`: taken from the guest for good; `guest-offline`: the guest agent takes them offline, the hypervisor keeps them. */
  readonly vcpuRemove: 'unplug' | 'guest-offline';
  /** A guest with fewer vCPUs cannot be given more while it runs. */
  readonly vcpuAddFrom: number;
  /** Whether vCPUs a guest was started with can be unplugged only if the configuration says so for each. */
  readonly vcpuPerCpu: boolean;
  readonly blockResize: boolean;
  /** Options of `undefine` beyond the name. */
  readonly undefine: readonly string[];
  readonly capabilities: readonly Capability[];
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
  blockResize: true,
  undefine: UNDEFINE_QEMU,
  capabilities: [can('vcpu-add', 'ACPI hot-add'), can('vcpu-remove', 'ACPI hot-unplug'), ...ON_QEMU]
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
    ...ON_QEMU
  ]
};

const XEN: Means = {
  accelerator: 'xen',
  vcpuRemove: 'unplug',
  vcpuAddFrom: 1,
  vcpuPerCpu: false,
  blockResize: false,
  undefine: [],
  capabilities: [
    can('vcpu-add', 'Xen vCPU hotplug', 'not above the number of CPUs of the host'),
    can('vcpu-remove', 'Xen vCPU hotplug'),
    can('memory-add', 'balloon', 'up to the memory maximum it was started with'),
    can('memory-remove', 'balloon'),
    can('disk-attach', 'Xen block device'),
    can('disk-detach', 'Xen block device'),
    cannot(
      'disk-grow',
      'block resize',
      'libvirt’s Xen driver cannot tell a running guest; grow it while the VM is off'
    ),
    can('nic-attach', 'Xen network device'),
    can('nic-detach', 'Xen network device'),
    can('pause', 'Xen pause'),
    can('reboot', 'Xen control'),
    can('cpu-share', 'credit scheduler', 'Xen forgets a cap at each start of the VM; the agent gives it again'),
    can('vcpu-affinity', 'Xen vCPU affinity'),
    RENAME
  ]
};

/** The means for a domain of this libvirt `type`. An unknown type gets the most careful ones. */
export function meansOf(domainType: string): Means {
  if (domainType === 'kvm') return KVM;
  return domainType === 'xen' ? XEN : EMULATED;
}

/** The libvirt domain type of new VMs on a host with this accelerator. */
export const domainTypeOf = (accelerator: Accelerator): string =>
  accelerator === 'emulated' || accelerator === 'simulated' ? 'qemu' : accelerator;
