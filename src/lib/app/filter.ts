// The simple filter of the search box: every word must occur, in any order, in the thing's own words. Case does not count.
import type { Host, Vm } from '#lib/model/fleet.ts';

const words = (query: string): string[] =>
  query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
const holds = (query: string, own: readonly string[]): boolean => {
  const text = own.join('\n').toLowerCase();
  return words(query).every((word) => text.includes(word));
};

const hostWords = (host: Host): string[] => [
  host.name,
  host.id,
  host.site,
  host.facts?.accelerator ?? '',
  host.facts?.hypervisor ?? ''
];

/** An empty query matches everything. */
export const hostMatches = (query: string, host: Host): boolean => holds(query, [...hostWords(host), host.link]);
/** A VM also matches by its host and site: “north off” finds the VMs that are off at north. */
export const vmMatches = (query: string, host: Host, vm: Vm): boolean =>
  holds(query, [
    vm.name,
    vm.id,
    vm.state,
    vm.description,
    ...hostWords(host),
    ...vm.nics.flatMap((nic) => nic.addresses)
  ]);
