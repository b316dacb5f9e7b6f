// What the map says about a site, a host or a VM: on it, in its tooltip, and to those who hear it.
import type { ShellMessages } from '#lib/messages/messages.ts';
import { inMaintenance, type Host, type HostLoad, type Vm, type VmLoad } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import type { Mib } from '#lib/model/units.ts';
import { ABSENT, formatMib, formatPercent, formatRate } from '../format.ts';
import { hostSign, vmSign } from '../signs/state-sign.ts';
import type { Item } from './boxes.ts';
import type { MapWords } from './draw-labels.ts';
import { REFERENCE, hostShare, isRate, rate, rateShare, siteShare, vmShare, type Metric } from './figures.ts';

export type Hosts = ReadonlyMap<HostId, Host>;
/** `name` as its owner gave it; `lines` below it. */
export type Described = { readonly name: string; readonly lines: readonly string[] };

/** A name inside a sentence: whatever way its letters run, they turn nothing else round. */
const isolated = (name: string): string => `\u2068${name}\u2069`;

/** A host or VM that was given no name is called by its id. */
export const nameOf = ({ name, id }: Host | Vm): string => (name.trim() === '' ? id : name);

export function hostLine(host: Host, m: ShellMessages): string {
  const { facts, link } = host;
  if (facts === null || link !== 'online') return m.common.linkState[link];
  const first = inMaintenance(host) ? `${m.common.maintenance} · ` : '';
  return `${first}${m.common.accelerator[facts.accelerator]} · ${m.map.cpus(facts.cpus)} · ${formatMib(facts.memory)}`;
}

export const siteLine = (hosts: readonly Host[], m: ShellMessages): string =>
  m.map.siteLoad(formatPercent(siteShare(hosts, 'cpu')), formatPercent(siteShare(hosts, 'memory')));

/** What is written on the canvas. */
export const mapWords = (hosts: Hosts, metric: Metric, m: ShellMessages): MapWords => ({
  site: (site) => site || m.common.noSite,
  siteFigures: ({ hosts: boxes }) =>
    siteLine(
      boxes.flatMap(({ id }) => hosts.get(id) ?? []),
      m
    ),
  host: (host) => hostLine(host, m),
  share: formatPercent,
  name: nameOf,
  link: (host) => hostSign(m, host),
  state: ({ state }) => vmSign(m, state),
  hostShare: (host) => hostShare(host, metric),
  vm: (host, vm) => {
    const share = vmShare(host, vm, metric);
    return share === null ? m.common.vmState[vm.state] : formatPercent(share);
  }
});

function loadLines(
  load: HostLoad | VmLoad | null | undefined,
  memory: Mib | null,
  { map: m }: ShellMessages
): string[] {
  if (!load) return [];
  const used = load.memoryUsed === null ? ABSENT : m.ofMemory(formatMib(load.memoryUsed), formatMib(memory));
  return [
    m.figure(m.metric.cpu, formatPercent(load.cpu)),
    m.figure(m.metric.memory, used),
    ...(['disk', 'network'] as const).map((metric) => {
      const figure = rate(load, metric);
      const part = formatPercent(rateShare(load, metric));
      const whole = formatRate(REFERENCE[metric]);
      return m.figure(m.metric[metric], figure === null ? ABSENT : m.ofFull(formatRate(figure), part, whole));
    })
  ];
}

/** For the tooltip; null when it is not there (any more). */
export function describe(item: Item, hosts: Hosts, m: ShellMessages): Described | null {
  if (item.kind === 'site') {
    const members = [...hosts.values()].filter(({ site }) => site === item.site);
    const vms = members.reduce((sum, host) => sum + host.vms.size, 0);
    const counts = `${m.common.hosts(members.length)} · ${m.common.vms(vms)}`;
    return { name: item.site || m.common.noSite, lines: [counts, siteLine(members, m)] };
  }
  const host = hosts.get(item.host);
  if (host === undefined) return null;
  if (item.kind === 'host') {
    const line = hostLine(host, m);
    const state =
      host.link === 'online' ? [m.common.linkState.online, line] : [line, ...(host.reason ? [host.reason] : [])];
    const lines = [...state, m.common.vms(host.vms.size), ...loadLines(host.load, host.facts?.memory ?? null, m)];
    return { name: nameOf(host), lines };
  }
  const vm = host.vms.get(item.vm);
  if (vm === undefined) return null;
  const simulated = host.facts?.simulated ? ` (${m.common.accelerator.simulated})` : '';
  return {
    name: nameOf(vm),
    lines: [
      `${m.common.vmState[vm.state]} · ${m.map.on(isolated(nameOf(host)))}${simulated}`,
      `${m.map.vcpus(vm.vcpus)} · ${formatMib(vm.memory)}`,
      ...loadLines(host.vmLoads.get(vm.id), vm.memory, m)
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
export function spoken(item: Item, hosts: Hosts, metric: Metric, m: ShellMessages): string {
  const found = describe(item, hosts, m);
  if (found === null) return '';
  const kind = item.kind === 'site' ? m.common.site : item.kind === 'host' ? m.common.host : m.common.vm;
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
