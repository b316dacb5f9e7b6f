// What a domain's configuration says of CPU time and of the CPUs it may run on: read, and changed for the next boot. Xen's libvirt
// driver takes `shares` for the credit scheduler's weight and knows no cap: that stands in our own note.
// https://libvirt.org/formatdomain.html#cpu-tuning
import { CPU_LIST, printCpuList, readCpuList } from '../../../src/lib/model/cpu-share.ts';
import type { CpuList, CpuShare } from '../../../src/lib/model/cpu-share.ts';
import { attribute, element, elements, find, mapChildren, textOf } from './xml.ts';
import type { Element } from './xml.ts';

export type TuneXml = {
  /** In the hypervisor's own measure; null: its ordinary. */
  readonly shares: number | null;
  /** Percent of one CPU that quotas leave all vCPUs together; null: none are set. */
  readonly quota: number | null;
  /** The same by our note. */
  readonly cap: number | null;
  /** The CPUs of each vCPU it has, empty: any. */
  readonly pins: readonly CpuList[];
};

const whole = (text: string | null): number | null =>
  text !== null && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null;

/** @param note our own in its metadata @param vcpus that it has, not how many it can have */
export function readTune(root: Element, note: Element | null, vcpus: number): TuneXml {
  const tune = find(root, 'cputune');
  const figure = (name: string): number | null => whole(textOf(find(tune, name)) || null);
  const percent = (quota: number | null, period: number | null): number | null =>
    quota === null || quota === 0 ? null : Math.max(1, Math.round((100 * quota) / (period ?? 100_000)));
  const each = percent(figure('quota'), figure('period'));
  const limits = [percent(figure('global_quota'), figure('global_period')), each === null ? null : each * vcpus];
  const known = limits.filter((limit) => limit !== null);
  const all = listOf(attribute(find(root, 'vcpu'), 'cpuset'));
  const pins = new Map(
    elements(tune, 'vcpupin').map((pin) => [attribute(pin, 'vcpu'), listOf(attribute(pin, 'cpuset'))])
  );
  return {
    shares: figure('shares') || null,
    quota: known.length === 0 ? null : Math.min(...known),
    cap: whole(attribute(note, 'cpu-cap')) || null,
    pins: Array.from({ length: Math.min(vcpus, 4096) }, (_, vcpu) => pins.get(String(vcpu)) ?? all)
  };
}

/** libvirt prints plain lists; what else may stand there is as good as nothing. */
const listOf = (text: string | null): CpuList =>
  text === null || !CPU_LIST.test(text) ? '' : printCpuList(readCpuList(text) ?? []);

/** The CPUs of all vCPUs together; empty: any. @param cpus how many the host has, null: not known */
export function affinityOf({ pins }: TuneXml, cpus: number | null): CpuList {
  if (pins.length === 0 || pins.includes('')) return '';
  const union = new Set(pins.flatMap((pin) => readCpuList(pin) ?? []));
  return cpus !== null && union.size >= cpus ? '' : printCpuList(union);
}

/** With this share by Xen's measure. @param metadata the namespace of our note */
export function withCredit(root: Element, { weight, cap }: CpuShare, metadata: string): Element {
  const shared = withTune(root, (rest) => [
    element('shares', {}, String(weight)),
    ...rest.filter((one) => one.name !== 'shares')
  ]);
  const noted = (note: Element | null): Element => {
    const kept = without(note?.attributes ?? { 'xmlns:smps': metadata }, 'cpu-cap');
    const attributes = cap === null ? kept : { ...kept, 'cpu-cap': String(cap) };
    return { name: note?.name ?? 'smps:vm', attributes, children: note?.children ?? [] };
  };
  const isNote = (one: Element): boolean =>
    one.name.endsWith(':vm') && Object.values(one.attributes).includes(metadata);
  return withChild(shared, 'metadata', (at) => {
    const note = at.children.find((one): one is Element => typeof one !== 'string' && isNote(one)) ?? null;
    return { ...at, children: [...at.children.filter((one) => one !== note), noted(note)] };
  });
}

/** With each of `count` vCPUs on these CPUs; empty: on any. */
export function withAffinity(root: Element, cpus: CpuList, count: number): Element {
  const pins =
    cpus === ''
      ? []
      : Array.from({ length: count }, (_, vcpu) => element('vcpupin', { vcpu: String(vcpu), cpuset: cpus }));
  const pinned = withTune(root, (rest) => [...rest.filter((one) => one.name !== 'vcpupin'), ...pins]);
  return mapChildren(pinned, (child) =>
    child.name === 'vcpu' ? { ...child, attributes: without(child.attributes, 'cpuset') } : child
  );
}

const without = (attributes: Element['attributes'], name: string): Element['attributes'] =>
  Object.fromEntries(Object.entries(attributes).filter(([each]) => each !== name));

const withTune = (root: Element, change: (rest: readonly Element[]) => readonly Element[]): Element =>
  withChild(root, 'cputune', (at) => ({ ...at, children: change(elements(at)) }));

function withChild(root: Element, name: string, change: (at: Element) => Element): Element {
  const at = find(root, name);
  if (at !== null) return mapChildren(root, (child) => (child === at ? change(at) : child));
  return { ...root, children: [...root.children, change(element(name))] };
}
