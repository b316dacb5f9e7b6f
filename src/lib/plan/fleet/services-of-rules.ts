// Rules between VMs as services of the problem: those that hold where the search begins.
import type { Columns, Rule } from '../../plugin/columns.ts';
import type { FleetView } from '../../plugin/fleet-view.ts';
import type { Problem } from '../problem.ts';
import { breaksOf } from '../rule-breaks.ts';

/** @param vms those of the problem, by index of the columns @param indexOf the reverse; -1: not of the problem */
export function services(
  { columns, placedOn }: FleetView,
  vms: Int32Array,
  indexOf: Int32Array
): Pick<Problem, 'services' | 'apart' | 'spread' | 'needs' | 'serviceStart' | 'serviceOf'> {
  const members: (readonly number[])[] = [];
  const apart: number[] = [];
  const spread: number[] = [];
  const needs: Int32Array[] = [];
  const add = (of: Int32Array, one: { apart?: boolean; spread?: number; needs?: number[] }): number => {
    apart.push(one.apart === true ? 1 : 0);
    spread.push(one.spread ?? 0);
    needs.push(Int32Array.from(one.needs ?? []));
    return members.push([...of].filter((vm) => indexOf[vm]! >= 0)) - 1;
  };
  for (const rule of columns.rules) {
    if (rule.kind === 'apart') add(firstOfEachHost(rule, placedOn), { apart: true });
    else if (rule.kind === 'spread')
      add(rule.vms, { spread: Math.min(rule.least, sitesOf(rule.vms, columns, placedOn).size) });
    else if (rule.kind === 'needs') {
      // Of one that is broken all VMs stay.
      if (breaksOf(rule, columns, placedOn) === 0) add(rule.vms, { needs: [add(rule.of, {})] });
    } else add(rule.vms, {});
  }
  const ofVm = Array.from(vms, (): number[] => []);
  for (const [service, all] of members.entries()) for (const vm of all) ofVm[indexOf[vm]!]!.push(service);
  const serviceStart = new Int32Array(vms.length + 1);
  for (const [vm, all] of ofVm.entries()) serviceStart[vm + 1] = serviceStart[vm]! + all.length;
  return {
    services: members.length,
    apart: Uint8Array.from(apart),
    spread: Int32Array.from(spread),
    needs,
    serviceStart,
    serviceOf: Int32Array.from(ofVm.flat())
  };
}

const sitesOf = (of: Int32Array, { hostSite }: Columns, placedOn: Int32Array): ReadonlySet<number> =>
  new Set([...of].flatMap((vm) => (placedOn[vm]! < 0 ? [] : [hostSite[placedOn[vm]!]!])));

/** Those of a rule that can be kept apart: where two are on one host already, the second is left out. */
function firstOfEachHost({ vms }: Rule, placedOn: Int32Array): Int32Array {
  const taken = new Set<number>();
  return vms.filter((vm) => {
    const host = placedOn[vm]!;
    if (host < 0 || taken.has(host)) return false;
    taken.add(host);
    return true;
  });
}
