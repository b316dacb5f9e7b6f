// A made-up fleet of any size: the same one for the same numbers.
import type { Accelerator, Host, Vm, VmLoad, VmState } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import { bytesPerSecond, mib, millis, percent, vcpus } from '#lib/model/units.ts';
import { aHost } from '../../support/a-fleet.ts';
import { aVm } from '../../support/fake-host.ts';

/** Numbers from 0 to 1 that look random (mulberry32). */
function randomness(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const NAMES = ['web', 'db', 'cache', 'build', 'mail', 'queue', 'ci-runner', 'lab'];
const STATES: readonly VmState[] = ['running', 'running', 'running', 'running', 'running', 'off', 'paused', 'running'];

/** `vms` in all; sites of about 80 hosts. Some hosts are without a link, some simulated. */
export function syntheticFleet(hosts: number, vms: number, seed = 1): Host[] {
  const random = randomness(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const sites = Math.max(Math.min(hosts, 2), Math.round(hosts / 80));
  const memories = Array.from({ length: hosts }, () => mib(2 ** (15 + Math.floor(random() * 4))));
  // A larger host has more VMs, but not in proportion.
  const parts = memories.map((memory) => Math.sqrt(memory) * (0.6 + random() * 0.8));
  const whole = parts.reduce((sum, each) => sum + each, 0);
  let made = 0;
  let owed = 0;
  return memories.map((memory, at) => {
    owed += ((parts[at] ?? 0) / whole) * vms;
    const own: Vm[] = [];
    while (made < Math.round(owed)) {
      made += 1;
      own.push(
        aVm(made, {
          name: `${pick(NAMES)}-${made}`,
          state: pick(STATES),
          memory: mib(2 ** (9 + Math.floor(random() * 5))),
          vcpus: vcpus(1 + Math.floor(random() * 8))
        })
      );
    }
    const site = `site-${1 + Math.floor((at * sites) / hosts)}`;
    const base = aHost(`host-${at + 1}`, own);
    const accelerator: Accelerator = at % 10 === 3 ? 'simulated' : 'kvm';
    return {
      ...base,
      site,
      id: `host-${at + 1}` as HostId,
      link: at % 12 === 5 ? 'offline' : 'online',
      facts: base.facts && {
        ...base.facts,
        site,
        memory,
        accelerator,
        simulated: accelerator === 'simulated',
        cpus: vcpus(16)
      },
      load: base.load && {
        ...base.load,
        cpu: percent(random() * 100),
        memoryUsed: mib(Math.floor(memory * random())),
        netReceive: bytesPerSecond(random() * 125e6),
        diskRead: bytesPerSecond(random() * 2e8)
      },
      vmLoads: new Map(own.filter(({ state }) => state === 'running').map((vm) => [vm.id, load(vm, random)] as const))
    };
  });
}

const load = (vm: Vm, random: () => number): VmLoad => ({
  vm: vm.id,
  at: millis(0),
  cpu: percent(random() * random() * 110),
  memoryUsed: mib(Math.floor(vm.memory * random())),
  diskRead: bytesPerSecond(random() * 2e8),
  diskWrite: null,
  netReceive: bytesPerSecond(random() * 1e8),
  netTransmit: null
});
