// What a VM must find on a host before any room is counted, and what a host offers. Many VMs require the same.
import type { Host, HostFacts, Vm, VmKind } from '../../model/fleet.ts';
import { roleAllows } from '../../model/fleet.ts';
import type { Reason } from '../reason.ts';
import type { TagRules } from './tag-rules.ts';

/** Sorted lists, so that equal requirements are equal as text. */
export type Requirement = {
  /** What runs it now, as `platformOf` says it; null for a new VM, which any platform of its image may run. */
  readonly platform: string | null;
  /** What kind of guest it is where that matters, on Xen; null elsewhere, and for a new VM. */
  readonly guest: VmKind | null;
  /** Image a new VM is made from; null for one that is there. */
  readonly image: string | null;
  readonly networks: readonly string[];
  readonly pools: readonly string[];
  readonly on: readonly string[];
  readonly at: readonly string[];
  readonly notOn: readonly string[];
  readonly notAt: readonly string[];
};

const sorted = (texts: readonly string[]): readonly string[] => (texts.length < 2 ? texts : [...new Set(texts)].sort());

/** For as long as a VM is the same object: a fleet is surveyed again and again, and few VMs change. */
const known = new WeakMap<Vm, Requirement>();

/** Of a VM on a host whose `platformOf` that is. */
export function requirementOf(vm: Vm, platform: string | null, rules: TagRules): Requirement {
  const kept = known.get(vm);
  if (kept?.platform === platform) return kept;
  const required: Requirement = {
    platform,
    guest: platform?.startsWith('xen ') === true ? vm.kind : null,
    image: null,
    networks: sorted(vm.nics.map((nic) => nic.network)),
    pools: sorted(vm.disks.flatMap((disk) => disk.pool ?? [])),
    ...placesOf(rules)
  };
  known.set(vm, required);
  return required;
}

/** The part of a requirement that tags make. */
export const placesOf = ({ on, at, notOn, notAt }: TagRules): Pick<Requirement, 'on' | 'at' | 'notOn' | 'notAt'> => ({
  on: sorted(on),
  at: sorted(at),
  notOn: sorted(notOn),
  notAt: sorted(notAt)
});

/**
 * Between which hosts a running guest can go: same hypervisor, same accelerator, and on hardware the same maker of the
 * processor, whose instructions the guest has seen.
 */
export function platformOf({ hypervisor, accelerator, cpuModel }: HostFacts): string {
  const onHardware = accelerator === 'kvm' || accelerator === 'xen';
  const maker = /intel|xeon/i.test(cpuModel) ? 'Intel' : /amd|epyc|ryzen|opteron/i.test(cpuModel) ? 'AMD' : cpuModel;
  return [hypervisor, accelerator, ...(onHardware ? [maker] : [])].join(' ');
}

/** As people call what `platformOf` says: “Xen PV, AMD”, “QEMU/KVM, Intel”, “QEMU/TCG”. Names alone, the same in every language. */
function nameOf(platform: string, guest: VmKind | null): string {
  const [hypervisor = '', accelerator = '', ...maker] = platform.split(' ');
  const name = NAMES[`${hypervisor} ${accelerator}`] ?? hypervisor;
  return [guest === null ? name : `${name} ${guest.toUpperCase()}`, maker.join(' ')]
    .filter((part) => part !== '')
    .join(', ');
}

const NAMES: Readonly<Record<string, string>> = {
  'xen xen': 'Xen',
  'qemu kvm': 'QEMU/KVM',
  'qemu emulated': 'QEMU/TCG'
};

/** Why no plan may put anything on a host, whatever it is; null when it may. */
export function whyClosed(host: Host): Reason | null {
  if (host.facts === null) return { kind: 'host-unknown' };
  if (host.link !== 'online') return { kind: 'host-unlinked' };
  if (host.trouble !== null) return { kind: 'host-trouble', trouble: host.trouble };
  if (host.role === null || !roleAllows(host.role, 'operator')) return { kind: 'host-viewed' };
  return null;
}

/** Why a host does not offer what is required; null when it does. */
export function whyNot(required: Requirement, host: Host): Reason | null {
  const { facts } = host;
  if (facts === null) return { kind: 'host-unknown' };
  const platform = platformOf(facts);
  if (required.platform !== null && required.platform !== platform) {
    return { kind: 'platform', needs: nameOf(required.platform, required.guest), has: nameOf(platform, null) };
  }
  if (required.image !== null) {
    const image = host.images.find(({ name }) => name === required.image);
    if (image === undefined) return { kind: 'no-image', name: required.image };
    if (image.xen !== null && facts.hypervisor !== 'xen') {
      return { kind: 'platform', needs: nameOf('xen xen', image.xen), has: nameOf(platform, null) };
    }
  }
  const network = required.networks.find((name) => !host.networks.some((each) => each.name === name));
  if (network !== undefined) return { kind: 'no-network', name: network };
  const pool = required.pools.find((name) => !host.pools.some((each) => each.name === name));
  if (pool !== undefined) return { kind: 'no-pool', name: pool };
  return whyElsewhere(required, host);
}

function whyElsewhere({ on, at, notOn, notAt }: Requirement, host: Host): Reason | null {
  const named = (names: readonly string[]): string | undefined =>
    names.find((name) => name === host.id || name === host.name);
  if (on.length > 0 && named(on) === undefined) return { kind: 'place-tags', word: 'on', names: on };
  if (at.length > 0 && !at.includes(host.site)) return { kind: 'place-tags', word: 'at', names: at };
  const off = named(notOn);
  if (off !== undefined) return { kind: 'place-tags', word: 'not-on', names: [off] };
  return notAt.includes(host.site) ? { kind: 'place-tags', word: 'not-at', names: [host.site] } : null;
}
