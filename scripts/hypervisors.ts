// Writes docs/HYPERVISORS.md from the drivers' own tables. `scripts/hypervisors.test.ts` fails when it is stale.
import { writeFileSync } from 'node:fs';
import { offerOf, ROW_NAMES, VM_SORTS } from '../host-agent/drivers/offers.ts';
import type { Offer, RowName, VmSort } from '../host-agent/drivers/offers.ts';

export const HYPERVISORS = new URL('../docs/HYPERVISORS.md', import.meta.url);

const SORTS: Readonly<Record<VmSort, string>> = {
  'xen-pv': 'Xen PV',
  'xen-pvh': 'Xen PVH',
  'xen-hvm': 'Xen HVM',
  kvm: 'KVM',
  emulated: 'QEMU emulated',
  simulated: 'simulated'
};

/** One without words of its own goes by its name. */
const ROWS: Readonly<Record<string, string>> = {
  'vcpu-add': 'give it vCPUs while it runs',
  'vcpu-remove': 'take vCPUs while it runs',
  'memory-add': 'give it memory while it runs',
  'memory-remove': 'take memory while it runs',
  'disk-attach': 'attach a disk while it runs',
  'disk-detach': 'detach a disk while it runs',
  'disk-grow': 'grow a disk while it runs',
  'nic-attach': 'attach an interface while it runs',
  'nic-detach': 'detach an interface while it runs',
  pause: 'pause and resume',
  reboot: 'reboot',
  migrate: 'move it while it runs',
  'rename-running': 'rename it while it runs',
  'cpu-share': 'weight and cap of its CPU time',
  'vcpu-affinity': 'tie its vCPUs to processors',
  'create-kernel': 'create from a kernel image',
  'create-disk': 'create from a disk image',
  'create-iso': 'create from a CD image',
  clone: 'clone',
  'next-boot': 'vCPUs and memory at the next boot',
  autostart: 'start it with its host',
  'disk-grow-off': 'grow a disk while it is off',
  serial: 'serial console',
  screen: 'screen',
  'move-off': 'move it while it is off',
  'move-disks': 'move its disks along',
  'load-cpu': 'load: CPU',
  'load-memory': 'load: memory',
  'load-disks': 'load: disks',
  'load-nics': 'load: interfaces',
  seen: 'what the guest has noticed',
  save: 'save and restore',
  snapshot: 'snapshots'
};

const title = (name: RowName): string => ROWS[name] ?? name;
const cell = (offer: Offer): string => (offer.works ? (offer.limit === null ? 'yes' : 'yes, but') : 'no');

function sentence(offer: Offer): string {
  if (offer.works) return `${offer.means}${offer.limit === null ? '' : `; ${offer.limit}`}`;
  return `refused: ${offer.reason}${offer.instead === '' ? '' : `; instead: ${offer.instead}`}`;
}

/** Kinds with the same answer share a line. */
function section(name: RowName): string {
  const lines = new Map<string, string[]>();
  for (const sort of VM_SORTS) {
    const text = sentence(offerOf(name, sort));
    lines.set(text, [...(lines.get(text) ?? []), SORTS[sort]]);
  }
  return [`### ${title(name)}`, '', ...[...lines].map(([text, sorts]) => `- _${sorts.join(', ')}_: ${text}`), ''].join(
    '\n'
  );
}

function table(): string {
  const rows = [
    ['', ...VM_SORTS.map((sort) => SORTS[sort])],
    ...ROW_NAMES.map((name) => [title(name), ...VM_SORTS.map((sort) => cell(offerOf(name, sort)))])
  ];
  const widths = rows[0]?.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** The whole text of docs/HYPERVISORS.md: what works where at a glance, then by what means, how far, and why not. */
export function hypervisorsMarkdown(): string {
  return [
    '# What works on which hypervisor',
    '',
    '<!-- Generated from host-agent/drivers/offers.ts by scripts/hypervisors.ts: do not edit. -->',
    '',
    'Per kind of VM: on Xen PV, PVH and HVM guests; on QEMU those run by KVM and those whose processor is emulated; and the simulated ones of',
    'tests and `npm run sim`. “yes, but” has a limit, and “no” a reason, below. The agent says the same at the moment it counts: a capability of the host that',
    'is not there, or a refusal with its reason. What a host lacks (no pool, no migration sockets, an agent beside it) can make it less than here.',
    '',
    table(),
    '',
    '## By what means, how far, and why not',
    '',
    ...ROW_NAMES.map(section)
  ].join('\n');
}

if (import.meta.main) writeFileSync(HYPERVISORS, hypervisorsMarkdown());
