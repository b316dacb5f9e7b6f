// What the map says about a site, a host or a VM: on it, in its tooltip, and to those who hear it.
import type { Messages } from '#lib/messages/messages.ts';
import type { Host, HostLoad, Vm, VmLoad } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import type { Mib } from '#lib/model/units.ts';
import { ABSENT, formatMib, formatPercent, formatRate } from '../format.ts';
import type { Item } from './boxes.ts';
import type { MapWords } from './draw-labels.ts';
import { hostShare, isRate, rate, siteShare, vmShare, type Metric } from './figures.ts';

type Words = Messages['map'];
export type Hosts = ReadonlyMap<HostId, Host>;
/** `name` as its owner gave it; `lines` below it. */
export type Described = { readonly name: string; readonly lines: readonly string[] };

/** A name inside a sentence: whatever way its letters run, they turn nothing else round. */
const isolated = (name: string): string => `\u2068${name}\u2069`;

export function hostLine({ facts, link }: Host, m: Words): string {
  if (facts === null || link !== 'online') return m.link[link];
  const kind = { kvm: 'KVM', xen: 'Xen', emulated: m.emulated, simulated: m.simulated }[facts.accelerator];
  return `${kind} · ${m.cpus(facts.cpus)} · ${formatMib(facts.memory)}`;
}

export function siteLine(hosts: readonly Host[], m: Words): string {
  return m.siteLoad(formatPercent(siteShare(hosts, 'cpu')), formatPercent(siteShare(hosts, 'memory')));
}

/** What is written on the canvas. */
export const mapWords = (hosts: Hosts, metric: Metric, m: Words): MapWords => ({
  site: (site) => site || m.noSite,
  siteFigures: ({ hosts: boxes }) =>
    siteLine(
      boxes.flatMap(({ id }) => hosts.get(id) ?? []),
      m
    ),
  host: (host) => hostLine(host, m),
  share: formatPercent,
  hostShare: (host) => hostShare(host, metric),
  vm: (host, vm) => {
    const share = vmShare(host, vm, metric);
    return share === null ? m.vmState[vm.state] : formatPercent(share);
  }
});

function loadLines(load: HostLoad | VmLoad | null | undefined, memory: Mib | null, m: Words): string[] {
  if (!load) return [];
  const used = load.memoryUsed === null ? ABSENT : m.ofMemory(formatMib(load.memoryUsed), formatMib(memory));
  return [
    m.figure(m.metric.cpu, formatPercent(load.cpu)),
    m.figure(m.metric.memory, used),
    m.figure(m.metric.disk, formatRate(rate(load, 'disk'))),
    m.figure(m.metric.network, formatRate(rate(load, 'network')))
  ];
}

/** For the tooltip; null when it is not there (any more). */
export function describe(item: Item, hosts: Hosts, m: Messages): Described | null {
  if (item.kind === 'site') {
    const members = [...hosts.values()].filter(({ site }) => site === item.site);
    const vms = members.reduce((sum, host) => sum + host.vms.size, 0);
    const counts = `${m.common.hosts(members.length)} · ${m.common.vms(vms)}`;
    return { name: item.site || m.map.noSite, lines: [counts, siteLine(members, m.map)] };
  }
  const host = hosts.get(item.host);
  if (host === undefined) return null;
  if (item.kind === 'host') {
    const line = hostLine(host, m.map);
    const state = host.link === 'online' ? [m.map.link.online, line] : [line, ...(host.reason ? [host.reason] : [])];
    const lines = [...state, m.common.vms(host.vms.size), ...loadLines(host.load, host.facts?.memory ?? null, m.map)];
    return { name: host.name, lines };
  }
  const vm = host.vms.get(item.vm);
  if (vm === undefined) return null;
  const simulated = host.facts?.simulated ? ` (${m.map.simulated})` : '';
  return {
    name: vm.name,
    lines: [
      `${m.map.vmState[vm.state]} · ${m.map.on(isolated(host.name))}${simulated}`,
      `${m.map.vcpus(vm.vcpus)} · ${formatMib(vm.memory)}`,
      ...loadLines(host.vmLoads.get(vm.id), vm.memory, m.map)
    ]
  };
}

/** The figure of a metric beside a share of a reference: both. */
export function figureOf(host: Host, vm: Vm | null, metric: Metric): string {
  const share = vm === null ? hostShare(host, metric) : vmShare(host, vm, metric);
  const load = vm === null ? host.load : host.vmLoads.get(vm.id);
  return share !== null && load && isRate(metric) ? formatRate(rate(load, metric)) : formatPercent(share);
}

/** One sentence for those who hear the map. */
export function spoken(item: Item, hosts: Hosts, metric: Metric, m: Messages): string {
  const found = describe(item, hosts, m);
  if (found === null) return '';
  const kind = item.kind === 'site' ? m.map.site : item.kind === 'host' ? m.map.host : m.map.vm;
  const host = item.kind === 'site' ? undefined : hosts.get(item.host);
  const vm = item.kind === 'vm' ? (host?.vms.get(item.vm) ?? null) : null;
  const figure = host === undefined ? [] : [m.map.figure(m.map.metric[metric], figureOf(host, vm, metric))];
  return [`${kind} ${isolated(found.name)}`, ...found.lines.slice(0, 2), ...figure].join(', ');
}

/** More hosts than this are not listed at once beside the canvas: a table of all would weigh more than the map. */
const MOST_LISTED = 100;

/** What the table beside the canvas lists: all hosts, or those of the site of `item`; and of one of them the VMs. */
export function nearby(item: Item | null, hosts: readonly Host[]): { hosts: readonly Host[]; open: Host | null } {
  const open = item === null || item.kind === 'site' ? null : (hosts.find(({ id }) => id === item.host) ?? null);
  if (hosts.length <= MOST_LISTED) return { hosts, open };
  const site = item?.kind === 'site' ? item.site : (open ?? hosts[0])?.site;
  const members = hosts.filter((host) => host.site === site);
  const first = Math.max(
    0,
    Math.min(open === null ? 0 : members.indexOf(open) - MOST_LISTED / 2, members.length - MOST_LISTED)
  );
  return { hosts: members.slice(first, first + MOST_LISTED), open };
}
