// `smps ls`: the whole fleet as one object for programs, or as two tables for people.
import type { Fleet, Host, HostFacts, Vm } from '../lib/model/fleet.ts';
import { table } from './terminal.ts';
import type { Output } from './terminal.ts';

/** What `smps ls --json` prints (docs/CLI.md): memory in MiB, instants in milliseconds since 1970, null for unknown. */
export function listing(fleet: Fleet) {
  const hosts = byId(fleet.hosts.values());
  return {
    hosts: hosts.map(hostEntry),
    vms: hosts.flatMap((host) => byName(host.vms.values()).map((vm) => vmEntry(host, vm)))
  };
}

function hostEntry(host: Host) {
  const fact = <Name extends keyof HostFacts>(name: Name): HostFacts[Name] | null => host.facts?.[name] ?? null;
  return {
    id: host.id,
    name: host.name,
    site: host.site,
    hypervisor: fact('hypervisor'),
    accelerator: fact('accelerator'),
    simulated: fact('simulated'),
    state: host.link,
    reason: host.reason,
    trouble: host.trouble,
    role: host.role,
    hypervisorVersion: fact('hypervisorVersion'),
    agentVersion: fact('agentVersion'),
    maintenance: fact('maintenance'),
    cpus: fact('cpus'),
    cpuModel: fact('cpuModel'),
    memory: fact('memory'),
    capabilities: fact('capabilities'),
    load: host.load,
    pools: host.pools,
    networks: host.networks,
    images: host.images
  };
}

function vmEntry(host: Host, vm: Vm) {
  const { id, name, state, vcpus, memory, ...rest } = vm;
  return { id, name, host: host.id, state, vcpus, memory, ...rest, load: host.vmLoads.get(id) ?? null };
}

export function printList(fleet: Fleet, output: Output): void {
  const hosts = byId(fleet.hosts.values());
  if (hosts.length === 0) {
    output.out('No hosts yet. Pair with one: smps pair URL');
    return;
  }
  const lines = table(
    ['HOST', 'NAME', 'SITE', 'STATE', 'RUNS ON', '>CPUS', '>CPU', '>MEMORY', 'YOU'],
    hosts.map(hostRow)
  );
  const vms = hosts.flatMap((host) => byName(host.vms.values()).map((vm) => vmRow(host, vm)));
  if (vms.length > 0) {
    lines.push('', ...table(['VM', 'HOST', 'STATE', '>VCPUS', '>SEEN', '>MEMORY', '>SEEN', '>CPU', 'ID'], vms));
  }
  for (const line of lines) output.out(line);
}

function hostRow(host: Host): string[] {
  const { facts, load } = host;
  const used = load?.memoryUsed ?? null;
  return [
    host.id,
    host.name,
    host.site,
    host.trouble === null ? host.link : `${host.link}, in trouble`,
    facts ? (facts.simulated ? 'simulated' : `${facts.hypervisor} (${facts.accelerator})`) : '-',
    facts ? String(facts.cpus) : '-',
    percent(load?.cpu ?? null),
    facts ? `${used === null ? '' : `${used}/`}${facts.memory} MiB` : '-',
    host.role ?? '-'
  ];
}

function vmRow(host: Host, vm: Vm): string[] {
  const { seen } = vm;
  return [
    vm.name,
    host.id,
    vm.state,
    withNext(vm.vcpus, vm.vcpusNext),
    seen?.vcpus ? String(seen.vcpus) : '-',
    `${withNext(vm.memory, vm.memoryNext)} MiB`,
    seen?.memory ? `${seen.memory} MiB` : '-',
    percent(host.vmLoads.get(vm.id)?.cpu ?? null),
    vm.id
  ];
}

/** `1`, or `1 (next 2)` when the next boot brings another figure. */
const withNext = (now: number, next: number | null): string => (next === null ? String(now) : `${now} (next ${next})`);
const percent = (value: number | null): string => (value === null ? '-' : `${Math.round(value)} %`);

const byId = (hosts: Iterable<Host>): Host[] => [...hosts].sort((a, b) => (a.id < b.id ? -1 : 1));
const byName = (vms: Iterable<Vm>): Vm[] =>
  [...vms].sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
