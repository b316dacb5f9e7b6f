// Proxmox VE's static-load scheduler, to compare with: which host the cluster's high availability would choose ("ha: crs=static").
// After proxmox-resource-scheduling (git.proxmox.com: proxmox.git, `pve_static.rs` and `topsis.rs`), written anew from what it does:
// for every host the load of the whole cluster as if the VM ran there, four criteria, weighed by TOPSIS.
import { CPU, MEMORY, VCPUS, WIDTH } from 'smps-vmm/plugin';
import type { FleetView, Scheduler } from 'smps-vmm/plugin';
import { perRevision, points } from '../share.ts';

/** Weights as there, all to be small: average and highest CPU, average and highest memory. */
const WEIGHTS = [1, 2, 5, 10];
const SUM = WEIGHTS.reduce((sum, weight) => sum + weight, 0);

export default {
  manifest: {
    id: 'proxmox-static',
    version: '1.0.0',
    api: 1,
    title: 'Proxmox static load',
    description:
      'Where Proxmox VE would start a VM: TOPSIS on average and highest CPU and memory given out. Places; moves nothing.'
  },

  score: (vm, host, fleet) => points(scoresFor(fleet, vm)[host]!)
} satisfies Scheduler;

const known = perRevision(() => new Map<number, Float64Array>());

function scoresFor(fleet: FleetView, vm: number): Float64Array {
  const kept = known(fleet);
  const scores = kept.get(vm) ?? topsis(criteriaOf(fleet, vm));
  kept.set(vm, scores);
  return scores;
}

type Loads = { readonly now: Float64Array; readonly then: Float64Array };

/** Load of each host without the VM and with it: what is given out as a share of the CPUs, or of the memory, there are. */
function loadsOf({ columns, hosts, placedOn, used }: FleetView, vm: number, r: number): Loads {
  const [now, then] = [new Float64Array(hosts), new Float64Array(hosts)];
  const need = columns.demand[vm * WIDTH + r]!;
  for (let host = 0; host < hosts; host++) {
    // It knows no overcommit: a host has the CPUs that it has, thousandths of which its load is measured in.
    const of = r === VCPUS ? columns.capacity[host * WIDTH + CPU]! / 1000 : columns.capacity[host * WIDTH + r]!;
    const without = used[host * WIDTH + r]! - (placedOn[vm] === host ? need : 0);
    now[host] = of > 0 ? without / of : 0;
    then[host] = of > 0 ? (without + need) / of : 0;
  }
  return { now, then };
}

/** `hosts x 4`; hosts that cannot be reached or are in maintenance are no alternatives, and their load counts for none. */
function criteriaOf(fleet: FleetView, vm: number): { hosts: number; of: readonly number[]; rows: Float64Array } {
  const of: number[] = [];
  for (let host = 0; host < fleet.hosts; host++) if (fleet.isOnline(host) && !fleet.inMaintenance(host)) of.push(host);
  const rows = new Float64Array(of.length * 4);
  for (const [column, r] of [VCPUS, MEMORY].entries()) {
    const { now, then } = loadsOf(fleet, vm, r);
    const squares = of.reduce((sum, host) => sum + now[host]! ** 2, 0);
    // The highest of the others is the highest of all, or the second where the host itself has that.
    const [first, second] = twoHighest(of, now);
    for (const [index, host] of of.entries()) {
      const mean = (squares - now[host]! ** 2 + then[host]! ** 2) / of.length;
      const others = host === first ? second : first;
      // One more, so that tiny differences stay tiny.
      rows[index * 4 + column * 2] = 1 + Math.sqrt(Math.max(0, mean));
      rows[index * 4 + column * 2 + 1] = 1 + Math.max(then[host]!, others === -1 ? 0 : now[others]!);
    }
  }
  return { hosts: fleet.hosts, of, rows };
}

function twoHighest(of: readonly number[], loads: Float64Array): [number, number] {
  let [first, second] = [-1, -1];
  for (const host of of) {
    if (first === -1 || loads[host]! > loads[first]!) [first, second] = [host, first];
    else if (second === -1 || loads[host]! > loads[second]!) second = host;
  }
  return [first, second];
}

/** How much nearer each alternative is to the best there could be than to the worst: 0 to 1, and 0 where all are alike. */
function topsis({ hosts, of, rows }: ReturnType<typeof criteriaOf>): Float64Array {
  const [best, worst] = [new Float64Array(4).fill(Number.POSITIVE_INFINITY), new Float64Array(4)];
  const scale = WEIGHTS.map((weight, c) => {
    let squares = 0;
    for (let index = 0; index < of.length; index++) {
      const value = rows[index * 4 + c]!;
      squares += value ** 2;
      best[c] = Math.min(best[c]!, value);
      worst[c] = Math.max(worst[c]!, value);
    }
    return weight / SUM / Math.sqrt(squares);
  });
  const scores = new Float64Array(hosts);
  for (const [index, host] of of.entries()) {
    let [toBest, toWorst] = [0, 0];
    for (let c = 0; c < 4; c++) {
      toBest += ((rows[index * 4 + c]! - best[c]!) * scale[c]!) ** 2;
      toWorst += ((rows[index * 4 + c]! - worst[c]!) * scale[c]!) ** 2;
    }
    const both = Math.sqrt(toBest) + Math.sqrt(toWorst);
    scores[host] = both === 0 ? 0 : Math.sqrt(toWorst) / both;
  }
  return scores;
}
