// For tests: columns of a fleet that a test spells out, hosts and VMs by what matters to it.
import {
  CPU,
  DISK,
  HOST_ONLINE,
  MEMORY,
  SHARE_WIDTH,
  VCPUS,
  VM_MOVABLE,
  VM_NEW,
  VM_RUNNING,
  WIDTH,
  textsOf
} from '../../src/lib/plugin/columns.ts';
import type { Columns, Rule } from '../../src/lib/plugin/columns.ts';

export type MadeHost = {
  readonly cpus?: number;
  /** MiB. */
  readonly memory?: number;
  readonly site?: number;
  readonly watts?: number;
  readonly flags?: number;
};
export type MadeVm = {
  /** Left out: a new one. */
  readonly on?: number;
  readonly vcpus?: number;
  /** MiB. */
  readonly memory?: number;
  readonly tags?: readonly number[];
  readonly pinned?: boolean;
};

export function madeFleet(hosts: readonly MadeHost[], vms: readonly MadeVm[], rules: readonly Rule[] = []): Columns {
  const capacity = new Float64Array(hosts.length * WIDTH);
  for (const [host, { cpus = 16, memory = 65_536 }] of hosts.entries()) {
    for (const [r, amount] of [
      [VCPUS, cpus],
      [MEMORY, memory],
      [DISK, 1e9],
      [CPU, cpus * 1000]
    ] as const) {
      capacity[host * WIDTH + r] = amount;
    }
  }
  const demand = new Float64Array(vms.length * WIDTH);
  for (const [vm, { vcpus = 2, memory = 4096 }] of vms.entries()) {
    demand[vm * WIDTH + VCPUS] = vcpus;
    demand[vm * WIDTH + MEMORY] = memory;
  }
  const tags = vms.map((vm) => vm.tags ?? []);
  const flagsOf = ({ on, pinned = false }: MadeVm): number =>
    on === undefined ? VM_NEW : VM_RUNNING | (pinned ? 0 : VM_MOVABLE);
  return {
    ...{ at: 0, hosts: hosts.length, hostId: names('h', hosts.length), hostName: names('host-', hosts.length) },
    hostSite: Int32Array.from(hosts, ({ site = 0 }) => site),
    siteName: ['north', 'south', 'west'],
    hostFlags: Uint8Array.from(hosts, ({ flags = HOST_ONLINE }) => flags),
    ...{ capacity, safety: capacity, base: new Float64Array(capacity.length) },
    idleWatts: Float64Array.from(hosts, ({ watts = 100 }) => watts),
    ...{ vms: vms.length, vmId: names('v', vms.length), vmName: names('vm-', vms.length), demand },
    vmFlags: Uint8Array.from(vms, flagsOf),
    vmHost: Int32Array.from(vms, ({ on = -1 }) => on),
    share: new Int32Array(vms.length * SHARE_WIDTH),
    moveMib: Float64Array.from(vms, ({ memory = 4096 }) => memory),
    ...{ tagName: ['db', 'web'], vmTag: Int32Array.from(tags.flat()) },
    vmTagStart: Int32Array.from([0, ...tags.map((_, vm) => tags.slice(0, vm + 1).flat().length)]),
    vmMask: new Int32Array(vms.length),
    masks: new Uint8Array(hosts.length).fill(1),
    rules
  };
}

const names = (prefix: string, count: number) => textsOf(Array.from({ length: count }, (_, n) => `${prefix}${n}`));
