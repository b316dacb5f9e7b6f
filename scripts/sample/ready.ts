// What `npm start` prints once it can be used: a short table of what runs, and one line that a program can wait for.
import type { Accelerator, Fleet, Hypervisor, Vm } from '../../src/lib/model/fleet.ts';
import type { HostRecord } from './state.ts';

/** The address that pairs a browser. The tickets are in the fragment, which a browser never sends to a server. */
export const pairingUrl = (port: number, tickets: readonly string[]): string =>
  `http://localhost:${port}/#pair=${tickets.join(',')}`;

const HYPERVISOR: Record<Hypervisor, string> = { qemu: 'QEMU', xen: 'Xen', simulated: 'simulated' };
const ACCELERATOR: Record<Accelerator, string> = {
  kvm: 'KVM',
  xen: 'Xen',
  emulated: 'emulated',
  simulated: 'simulated'
};

/** One line per host, columns aligned. */
export function table(hosts: readonly HostRecord[], fleet: Fleet): string {
  const rows = hosts.map(({ id, site, driver, port }) => {
    const host = fleet.hosts.get(id);
    const facts = host?.facts ?? null;
    const vms = [...(host?.vms.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
    return [
      id,
      site,
      facts === null ? driver : driver === 'libvirt' ? `libvirt, ${HYPERVISOR[facts.hypervisor]}` : driver,
      facts === null ? '–' : ACCELERATOR[facts.accelerator],
      `127.0.0.1:${port}`,
      vms.length === 0 ? '–' : vms.map(brief).join(', ')
    ];
  });
  return aligned([['host', 'site', 'driver', 'runs', 'agent', 'VMs'], ...rows]);
}

const brief = (vm: Vm): string => (vm.state === 'running' ? vm.name : `${vm.name} (${vm.state})`);

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}
