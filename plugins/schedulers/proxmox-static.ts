// Proxmox VE's static-load scheduler, to compare with: which host the cluster's high availability would choose ("ha: crs=static").
// After proxmox-resource-scheduling (git.proxmox.com: proxmox.git, `pve_static.rs` and `topsis.rs`), written anew from what it does:
// for every host the load of the whole cluster as if the VM ran there, four criteria, weighed by TOPSIS. Hosts that are alike are
// weighed once.
import { MEMORY, VCPUS, WIDTH } from 'smps-vmm/plugin';
import type { FleetView, Scheduler } from 'smps-vmm/plugin';
import { AlikeHosts } from '../alike.ts';
import type { Kind } from '../alike.ts';
import { points } from '../share.ts';

/** Weights as there, all to be small: average and highest CPU, average and highest memory. */
const WEIGHTS = [1, 2, 5, 10];
const SUM = WEIGHTS.reduce((sum, weight) => sum + weight, 0);

export default {
  manifest: {
    id: 'proxmox-static',
    version: '1.2.0',
    api: 1,
    title: 'Proxmox static load',
    description:
      'Where Proxmox VE would start a VM: TOPSIS on average and highest CPU and memory given out. Places; moves nothing.',
    locales: {
      zh: {
        title: 'Proxmox 静态负载',
        description: 'Proxmox VE 会在哪里启动虚拟机：对已分配 CPU 和内存的平均值与最高值做 TOPSIS。只放置，不迁移。'
      }
    }
  },

  score(vm, host, fleet) {
    const { hosts, of, home, atHome } = weighed(fleet, vm);
    const kind = hosts.kindOf[host]!;
    return kind < 0 ? 0 : points(host === home ? atHome : of[kind]!);
  }
} satisfies Scheduler;

/** All hosts for one VM, as long as nothing changes. */
type Weighed = {
  readonly hosts: AlikeHosts;
  vm: number;
  revision: number;
  /** 0 to 1, of each kind of hosts. */
  of: Float64Array;
  /** The host where the VM is already, which is of a kind of its own without it; -1: none. */
  home: number;
  atHome: number;
};

const known = new WeakMap<FleetView, Weighed>();

function weighed(fleet: FleetView, vm: number): Weighed {
  let kept = known.get(fleet);
  if (kept?.vm === vm && kept.revision === fleet.revision) return kept;
  if (kept === undefined) {
    kept = { hosts: new AlikeHosts(fleet), vm, revision: -1, of: new Float64Array(0), home: -1, atHome: 0 };
    known.set(fleet, kept);
  }
  kept.hosts.refresh();
  weigh(fleet, vm, kept);
  kept.vm = vm;
  kept.revision = fleet.revision;
  return kept;
}

function weigh(fleet: FleetView, vm: number, into: Weighed): void {
  const { kinds, kindOf } = into.hosts;
  const row = vm * WIDTH;
  const need = [fleet.columns.demand[row + VCPUS]!, fleet.columns.demand[row + MEMORY]!] as const;
  const home = fleet.placedOn[vm]!;
  const there = home < 0 ? -1 : kindOf[home]!;
  into.home = there < 0 ? -1 : home;
  if (there < 0) {
    into.of = topsis(criteriaOf(kinds, need));
    return;
  }
  const { count, of, used } = kinds[there]!;
  const without: Kind = { count: 1, of, used: [used[0] - need[0], used[1] - need[1]] };
  into.of = topsis(criteriaOf([...kinds.with(there, { count: count - 1, of, used }), without], need));
  into.atHome = into.of.at(-1)!;
}

/** `kinds x 4`, and how many hosts each row is of; hosts that are no alternatives are of no kind, and their load counts for none. */
type Criteria = { readonly rows: Float64Array; readonly counts: Float64Array };

function criteriaOf(kinds: readonly Kind[], need: readonly [number, number]): Criteria {
  const length = kinds.length;
  const [rows, counts] = [new Float64Array(4 * length), new Float64Array(length)];
  const [now, then] = [new Float64Array(length), new Float64Array(length)];
  let hosts = 0;
  for (let kind = 0; kind < length; kind++) hosts += counts[kind] = kinds[kind]!.count;
  for (let r = 0; r < 2; r++) {
    let squares = 0;
    // The highest of the others is the highest of all, or the second where the host itself is the only one that has that.
    let [first, most, second] = [-1, 0, 0];
    for (let kind = 0; kind < length; kind++) {
      const count = counts[kind]!;
      if (count === 0) continue;
      const { of, used } = kinds[kind]!;
      const load = of[r]! > 0 ? used[r]! / of[r]! : 0;
      now[kind] = load;
      then[kind] = of[r]! > 0 ? (used[r]! + need[r]!) / of[r]! : 0;
      squares += count * load * load;
      if (first === -1 || load > most) {
        second = count > 1 ? load : first === -1 ? 0 : most;
        [first, most] = [kind, load];
      } else if (load > second) second = load;
    }
    for (let kind = 0; kind < length; kind++) {
      const [before, after] = [now[kind]!, then[kind]!];
      const mean = (squares - before * before + after * after) / hosts;
      // One more, so that tiny differences stay tiny.
      rows[kind * 4 + r * 2] = 1 + Math.sqrt(Math.max(0, mean));
      rows[kind * 4 + r * 2 + 1] = 1 + Math.max(after, kind === first ? second : most);
    }
  }
  return { rows, counts };
}

/** How much nearer each alternative is to the best there could be than to the worst: 0 to 1, and 0 where all are alike. */
function topsis({ rows, counts }: Criteria): Float64Array {
  const kinds = counts.length;
  const scores = new Float64Array(kinds);
  const [toBest, toWorst] = [new Float64Array(kinds), new Float64Array(kinds)];
  for (let c = 0; c < 4; c++) {
    let [squares, best, worst] = [0, Number.POSITIVE_INFINITY, 0];
    for (let kind = 0; kind < kinds; kind++) {
      if (counts[kind] === 0) continue;
      const value = rows[kind * 4 + c]!;
      squares += counts[kind]! * value * value;
      if (value < best) best = value;
      if (value > worst) worst = value;
    }
    const scale = WEIGHTS[c]! / SUM / Math.sqrt(squares);
    for (let kind = 0; kind < kinds; kind++) {
      const value = rows[kind * 4 + c]!;
      toBest[kind]! += ((value - best) * scale) ** 2;
      toWorst[kind]! += ((value - worst) * scale) ** 2;
    }
  }
  for (let kind = 0; kind < kinds; kind++) {
    if (counts[kind] === 0) continue;
    const both = Math.sqrt(toBest[kind]!) + Math.sqrt(toWorst[kind]!);
    scores[kind] = both === 0 ? 0 : Math.sqrt(toWorst[kind]!) / both;
  }
  return scores;
}
