// The fields a query can name, and what each reads of a VM and of a host. Parser, predicate, completion and help all
// follow this one table. Absent is `null` (or no text): it equals nothing, and is neither above nor below anything.
import {
  ACCELERATORS,
  HYPERVISORS,
  LINK_STATES,
  VM_KINDS,
  VM_STATES,
  inMaintenance,
  isInactive
} from '../model/fleet.ts';
import type { Host, Vm } from '../model/fleet.ts';

/** Which units a figure is written in (`amount.ts`): sizes are counted in MiB, rates in B/s, durations in ms. */
export type Dimension = 'count' | 'percent' | 'size' | 'rate' | 'duration';

/** One text or several, of which one must fit; an empty text is absent. */
type Text = string | readonly string[] | null;
type TextField = {
  readonly kind: 'text';
  /** All there can be, where that is a closed list. */
  readonly values: readonly string[] | null;
  readonly vm: (vm: Vm, host: Host) => Text;
  readonly host: (host: Host) => Text;
};
type FigureField = {
  readonly kind: 'figure';
  readonly dimension: Dimension;
  /** Measured, so never exactly what one writes: `=` compares as precisely as it is written. */
  readonly measured: boolean;
  readonly vm: (vm: Vm, host: Host, now: number) => number | null;
  readonly host: (host: Host, now: number) => number | null;
};
export type Field = TextField | FigureField;

const FLAG = ['yes', 'no'] as const;
const flag = (value: boolean | null | undefined): Text => ((value ?? null) === null ? null : value ? 'yes' : 'no');
const none = (): null => null;

const text = (vm: TextField['vm'], host: TextField['host'], values: TextField['values'] = null): TextField => ({
  kind: 'text',
  values,
  vm,
  host
});
const figure = (
  dimension: Dimension,
  measured: boolean,
  vm: FigureField['vm'],
  host: FigureField['host']
): FigureField => ({ kind: 'figure', dimension, measured, vm, host });
/** The same of a VM as of the host it is on. */
const ofHost = (read: TextField['host'], values: TextField['values'] = null): TextField =>
  text((_, host) => read(host), read, values);

const isPending = ({ vcpusNext, memoryNext, cpuShareNext, affinityNext }: Vm): boolean =>
  [vcpusNext, memoryNext, cpuShareNext, affinityNext].some((next) => next !== null);

/** Null when nothing was measured: no link, off, no figure. */
const vmLoad = (vm: Vm, host: Host) =>
  host.link !== 'online' || isInactive(vm) ? null : (host.vmLoads.get(vm.id) ?? null);
const hostLoad = (host: Host) => (host.link === 'online' ? host.load : null);
const sum = (a: number | null | undefined, b: number | null | undefined): number | null =>
  (a ?? null) === null && (b ?? null) === null ? null : (a ?? 0) + (b ?? 0);
const share = (part: number | null | undefined, whole: number): number | null =>
  part === null || part === undefined || whole <= 0 ? null : (part / whole) * 100;

export const FIELDS = {
  name: text(
    (vm) => vm.name,
    (host) => host.name
  ),
  state: text(
    (vm) => vm.state,
    (host) => host.link,
    [...VM_STATES, ...LINK_STATES]
  ),
  site: ofHost((host) => host.site),
  host: ofHost((host) => [host.name, host.id]),
  tag: text((vm) => vm.tags, none),
  id: text(
    (vm) => vm.id,
    (host) => host.id
  ),
  kind: text((vm) => vm.kind, none, VM_KINDS),
  link: ofHost((host) => host.link, LINK_STATES),
  hypervisor: ofHost((host) => host.facts?.hypervisor ?? null, HYPERVISORS),
  version: ofHost((host) => host.facts?.hypervisorVersion ?? null),
  accelerator: ofHost((host) => host.facts?.accelerator ?? null, ACCELERATORS),
  simulated: ofHost((host) => flag(host.facts?.simulated), FLAG),
  maintenance: ofHost((host) => (host.facts === null ? null : flag(inMaintenance(host))), FLAG),
  address: text((vm) => vm.nics.flatMap(({ addresses }) => addresses), none),
  mac: text((vm) => vm.nics.map(({ mac }) => mac), none),
  network: text(
    (vm) => vm.nics.map(({ network }) => network),
    (host) => host.networks.map(({ name }) => name)
  ),
  pool: text(
    (vm) => vm.disks.flatMap(({ pool }) => pool ?? []),
    (host) => host.pools.map(({ name }) => name)
  ),
  notes: text((vm) => vm.description, none),
  autostart: text((vm) => flag(vm.autostart), none, FLAG),
  pending: text((vm) => flag(isPending(vm)), none, FLAG),
  cpu: figure(
    'percent',
    true,
    (vm, host) => vmLoad(vm, host)?.cpu ?? null,
    (host) => hostLoad(host)?.cpu ?? null
  ),
  used: figure(
    'percent',
    true,
    (vm, host) => share(vmLoad(vm, host)?.memoryUsed, vm.memory),
    (host) => share(hostLoad(host)?.memoryUsed, host.facts?.memory ?? 0)
  ),
  memory: figure(
    'size',
    false,
    (vm) => vm.memory,
    (host) => host.facts?.memory ?? null
  ),
  vcpus: figure(
    'count',
    false,
    (vm) => vm.vcpus,
    (host) => host.facts?.cpus ?? null
  ),
  disk: figure(
    'rate',
    true,
    (vm, host) => sum(vmLoad(vm, host)?.diskRead, vmLoad(vm, host)?.diskWrite),
    (host) => sum(hostLoad(host)?.diskRead, hostLoad(host)?.diskWrite)
  ),
  net: figure(
    'rate',
    true,
    (vm, host) => sum(vmLoad(vm, host)?.netReceive, vmLoad(vm, host)?.netTransmit),
    (host) => sum(hostLoad(host)?.netReceive, hostLoad(host)?.netTransmit)
  ),
  uptime: figure(
    'duration',
    true,
    (vm, { clockAhead }, now) => (vm.startedAt === null ? null : now + clockAhead - vm.startedAt),
    none
  ),
  vms: figure('count', false, none, (host) => (host.facts === null ? null : host.vms.size))
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof FIELDS;
export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[];
export const fieldOf = (name: FieldName): Field => FIELDS[name];

const ALIASES: Readonly<Record<string, FieldName>> = {
  ip: 'address',
  addr: 'address',
  tags: 'tag',
  note: 'notes',
  description: 'notes',
  status: 'state',
  mem: 'memory',
  ram: 'memory',
  cpus: 'vcpus',
  vcpu: 'vcpus',
  uuid: 'id',
  type: 'kind',
  networks: 'network'
};

/** Case does not count. Null when there is no such field. */
export function fieldNamed(written: string): FieldName | null {
  const name = written.toLowerCase();
  return FIELD_NAMES.find((field) => field === name) ?? (Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? null) : null);
}

/** Other ways to say `yes` and `no`. */
const FLAG_WORDS: Readonly<Record<string, string>> = { true: 'yes', false: 'no', y: 'yes', n: 'no' };
/** A value of a closed list as that list has it; null when it is not in it. */
export function listed(values: readonly string[], written: string): string | null {
  const value = written.toLowerCase();
  const meant = values === FLAG && Object.hasOwn(FLAG_WORDS, value) ? FLAG_WORDS[value] : value;
  return values.find((each) => each === meant) ?? null;
}
