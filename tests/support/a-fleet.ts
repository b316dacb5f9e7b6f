// Hosts and VMs for tests of the tab: plain values, each field of which a test may set.
import type { Fleet, Host, HostFacts, Maintenance, Vm } from '../../src/lib/model/fleet.ts';
import type { HostId } from '../../src/lib/model/ids.ts';
import { bytes, mib, millis, percent, vcpus } from '../../src/lib/model/units.ts';

const facts = (id: HostId, site: string): HostFacts => ({
  id,
  name: id,
  site,
  hypervisor: 'qemu',
  hypervisorVersion: 'QEMU 7.2.22',
  accelerator: 'emulated',
  simulated: false,
  cpus: vcpus(8),
  cpuModel: 'Test processor',
  memory: mib(8192),
  numaCells: null,
  scheduler: null,
  domainZero: null,
  xlVms: null,
  agentVersion: '0.1.0',
  pin: `sha256:${'A'.repeat(43)}`,
  maintenance: null,
  capabilities: [
    { name: 'vcpu-add', live: true, means: 'ACPI hot-add', reason: null },
    {
      name: 'vcpu-remove',
      live: false,
      means: 'none',
      reason: 'this host emulates CPUs: a running guest cannot give them back; applies at next boot'
    }
  ]
});

/** An online host with one pool of 1 GiB free, one network and one image. */
export function aHost(name: string, vms: readonly Vm[] = [], more: Partial<Host> = {}): Host {
  const id = name as HostId;
  const site = more.site ?? 'north';
  return {
    id,
    name,
    site,
    link: 'online',
    reason: null,
    trouble: null,
    heardAt: millis(1_800_000_000_000),
    clockAhead: 0,
    role: 'admin',
    facts: facts(id, site),
    load: {
      at: millis(1_800_000_000_000),
      cpu: percent(25),
      memoryUsed: mib(2048),
      diskRead: null,
      diskWrite: null,
      netReceive: null,
      netTransmit: null
    },
    vms: new Map(vms.map((vm) => [vm.id, vm])),
    vmLoads: new Map(),
    pools: [{ name: 'default', capacity: bytes(4 * 2 ** 30), free: bytes(2 ** 30), volumes: [] }],
    networks: [{ name: 'lan', mode: 'nat' }],
    images: [{ name: 'tiny', kind: 'kernel', title: 'Tiny Linux', size: null, xen: null }],
    activity: [],
    progress: new Map(),
    ...more
  };
}

/** The same host, taking no VMs. */
export const maintained = (host: Host, maintenance: Partial<Maintenance> = {}): Host => ({
  ...host,
  facts: host.facts && {
    ...host.facts,
    maintenance: { since: millis(1_800_000_000_000), by: 'Ada', reason: '', ...maintenance }
  }
});

export const aFleet = (...hosts: readonly Host[]): Fleet => ({ hosts: new Map(hosts.map((host) => [host.id, host])) });
